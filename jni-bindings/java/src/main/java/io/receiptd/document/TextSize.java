package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** The size of text, in times the normal one. Immutable. */
public final class TextSize {
    /** As usual. */
    public static final TextSize NORMAL = new TextSize("normal", null, null);
    /** Twice as wide and high. */
    public static final TextSize DOUBLE = new TextSize("double", null, null);
    /** Twice as wide. */
    public static final TextSize DOUBLE_WIDTH = new TextSize("double-width", null, null);
    /** Twice as high. */
    public static final TextSize DOUBLE_HEIGHT = new TextSize("double-height", null, null);

    private static final int MAX_TIMES = 8;

    private final String word;
    private final Integer width;
    private final Integer height;

    private TextSize(String word, Integer width, Integer height) {
        this.word = word;
        this.width = width;
        this.height = height;
    }

    /**
     * Any size.
     *
     * @param width  times the normal width, 1 to 8
     * @param height times the normal height, 1 to 8
     * @return the size
     * @throws IllegalArgumentException if one is not
     */
    public static @NotNull TextSize times(int width, int height) {
        return new TextSize(null, Range.check("width", width, 1, MAX_TIMES),
                Range.check("height", height, 1, MAX_TIMES));
    }

    /**
     * Times the normal width.
     *
     * @return 1 to 8
     */
    public int getWidth() {
        return width != null ? width : this == DOUBLE || this == DOUBLE_WIDTH ? 2 : 1;
    }

    /**
     * Times the normal height.
     *
     * @return 1 to 8
     */
    public int getHeight() {
        return height != null ? height : this == DOUBLE || this == DOUBLE_HEIGHT ? 2 : 1;
    }

    void write(JsonWriter out) {
        if (word != null) {
            out.value(word);
        } else {
            out.beginObject().field("width", width).field("height", height).endObject();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextSize && getWidth() == ((TextSize) other).getWidth()
                && getHeight() == ((TextSize) other).getHeight();
    }

    @Override
    public int hashCode() {
        return Objects.hash(getWidth(), getHeight());
    }

    /**
     * Width and height.
     *
     * @return for example {@code 2x1}
     */
    @Override
    public @NotNull String toString() {
        return getWidth() + "x" + getHeight();
    }
}
