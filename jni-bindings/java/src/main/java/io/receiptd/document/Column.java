package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** One column. Without width and share it has one share of what is left. Immutable. */
public final class Column {
    private final String text;
    private final Integer width;
    private final Integer share;
    private final Align align;

    private Column(Builder from) {
        text = Required.of("Column", "text", from.text);
        width = from.width;
        share = from.share;
        align = from.align;
    }

    /**
     * A builder with nothing set. Required: {@code text}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param text wrapped to the column. May have line feeds
     * @return a new one
     */
    public static @NotNull Column of(@NotNull String text) {
        return builder().text(text).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.text = text;
        to.width = width;
        to.share = share;
        to.align = align;
        return to;
    }

    /**
     * Wrapped to the column. May have line feeds.
     *
     * @return it
     */
    public @NotNull String getText() {
        return text;
    }

    /**
     * Width in characters of the line's size; a Hanzi takes two.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getWidth() {
        return width;
    }

    /**
     * Parts of the width that columns with a width leave.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getShare() {
        return share;
    }

    /**
     * Where it stands on the paper. Default: left.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Align getAlign() {
        return align;
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("text", text);
        out.field("width", width);
        out.field("share", share);
        out.field("align", align == null ? null : align.getWord());
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Column)) {
            return false;
        }
        Column that = (Column) other;
        return Objects.equals(text, that.text)
                && Objects.equals(width, that.width)
                && Objects.equals(share, that.share)
                && Objects.equals(align, that.align);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, width, share, align);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Column")
                .add("text", text)
                .add("width", width)
                .add("share", share)
                .add("align", align)
                .toString();
    }

    /** Builds a {@link Column}. Not for several threads at once. */
    public static final class Builder {
        private String text;
        private Integer width;
        private Integer share;
        private Align align;

        private Builder() {}

        /**
         * Wrapped to the column. May have line feeds.
         *
         * @param text the value
         * @return this
         */
        public @NotNull Builder text(@NotNull String text) {
            this.text = Objects.requireNonNull(text, "text");
            return this;
        }

        /**
         * Width in characters of the line's size; a Hanzi takes two. 1 to 144.
         *
         * @param width the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder width(int width) {
            this.width = Range.check("width", width, 1, 144);
            return this;
        }

        /**
         * Parts of the width that columns with a width leave. 1 to 100.
         *
         * @param share the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder share(int share) {
            this.share = Range.check("share", share, 1, 100);
            return this;
        }

        /**
         * Where it stands on the paper. Default: left.
         *
         * @param align the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder align(@Nullable Align align) {
            this.align = align;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull Column build() {
            return new Column(this);
        }
    }
}
