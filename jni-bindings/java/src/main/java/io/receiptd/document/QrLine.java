package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A QR code. Immutable. */
public final class QrLine extends Line {
    private final String data;
    private final Integer size;
    private final QrLevel level;
    private final Align align;

    private QrLine(Builder from) {
        super(from.only);
        data = Required.of("QrLine", "data", from.data);
        size = from.size;
        level = from.level;
        align = from.align;
    }

    /**
     * A builder with nothing set. Required: {@code data}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param data what it says, 1 to 1273 bytes of UTF-8. A full card number in it is refused
     * @return a new one
     */
    public static @NotNull QrLine of(@NotNull String data) {
        return builder().data(data).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.data = data;
        to.size = size;
        to.level = level;
        to.align = align;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * What it says, 1 to 1273 bytes of UTF-8. A full card number in it is refused.
     *
     * @return it
     */
    public @NotNull String getData() {
        return data;
    }

    /**
     * Dots of one module. Default: 6, or what fits.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getSize() {
        return size;
    }

    /**
     * Error correction. Default: M.
     *
     * @return it, or null if it is left out
     */
    public @Nullable QrLevel getLevel() {
        return level;
    }

    /**
     * Where it stands on the paper. Default: center.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Align getAlign() {
        return align;
    }

    @Override
    String key() {
        return "qr";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("data", data);
        out.field("size", size);
        out.field("level", level == null ? null : level.getWord());
        out.field("align", align == null ? null : align.getWord());
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof QrLine)) {
            return false;
        }
        QrLine that = (QrLine) other;
        return Objects.equals(data, that.data)
                && Objects.equals(size, that.size)
                && Objects.equals(level, that.level)
                && Objects.equals(align, that.align)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(data, size, level, align, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("QrLine")
                .add("data", data)
                .add("size", size)
                .add("level", level)
                .add("align", align)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link QrLine}. Not for several threads at once. */
    public static final class Builder {
        private String data;
        private Integer size;
        private QrLevel level;
        private Align align;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * What it says, 1 to 1273 bytes of UTF-8. A full card number in it is refused.
         *
         * @param data the value
         * @return this
         */
        public @NotNull Builder data(@NotNull String data) {
            this.data = Objects.requireNonNull(data, "data");
            return this;
        }

        /**
         * Dots of one module. Default: 6, or what fits. 1 to 16.
         *
         * @param size the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder size(int size) {
            this.size = Range.check("size", size, 1, 16);
            return this;
        }

        /**
         * Error correction. Default: M.
         *
         * @param level the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder level(@Nullable QrLevel level) {
            this.level = level;
            return this;
        }

        /**
         * Where it stands on the paper. Default: center.
         *
         * @param align the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder align(@Nullable Align align) {
            this.align = align;
            return this;
        }

        /**
         * The copies that it is printed on. Default: all.
         *
         * @param only the copies
         * @return this
         */
        public @NotNull Builder only(@NotNull Copy @NotNull ... only) {
            this.only.clear();
            this.only.addAll(Arrays.asList(only));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull QrLine build() {
            return new QrLine(this);
        }
    }
}
