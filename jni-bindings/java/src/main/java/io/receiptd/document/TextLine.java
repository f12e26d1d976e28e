package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Text, wrapped to the paper. Immutable. */
public final class TextLine extends Line {
    private final String text;
    private final Align align;
    private final TextSize size;
    private final Boolean bold;
    private final Boolean underline;
    private final Boolean reverse;

    private TextLine(Builder from) {
        super(from.only);
        text = Required.of("TextLine", "text", from.text);
        align = from.align;
        size = from.size;
        bold = from.bold;
        underline = from.underline;
        reverse = from.reverse;
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
     * @param text may have line feeds and tabs. A full card number in it is masked or refused
     * @return a new one
     */
    public static @NotNull TextLine of(@NotNull String text) {
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
        to.align = align;
        to.size = size;
        to.bold = bold;
        to.underline = underline;
        to.reverse = reverse;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * May have line feeds and tabs. A full card number in it is masked or refused.
     *
     * @return it
     */
    public @NotNull String getText() {
        return text;
    }

    /**
     * Where it stands on the paper. Default: left.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Align getAlign() {
        return align;
    }

    /**
     * Size of text, in times the normal one. Default: normal.
     *
     * @return it, or null if it is left out
     */
    public @Nullable TextSize getSize() {
        return size;
    }

    /**
     * Bold. Default: false.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getBold() {
        return bold;
    }

    /**
     * Underlined. Default: false.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getUnderline() {
        return underline;
    }

    /**
     * White on black. Default: false.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getReverse() {
        return reverse;
    }

    @Override
    String key() {
        return "text";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("text", text);
        out.field("align", align == null ? null : align.getWord());
        if (size != null) {
            out.name("size");
            size.write(out);
        }
        out.field("bold", bold);
        out.field("underline", underline);
        out.field("reverse", reverse);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof TextLine)) {
            return false;
        }
        TextLine that = (TextLine) other;
        return Objects.equals(text, that.text)
                && Objects.equals(align, that.align)
                && Objects.equals(size, that.size)
                && Objects.equals(bold, that.bold)
                && Objects.equals(underline, that.underline)
                && Objects.equals(reverse, that.reverse)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, align, size, bold, underline, reverse, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("TextLine")
                .add("text", text)
                .add("align", align)
                .add("size", size)
                .add("bold", bold)
                .add("underline", underline)
                .add("reverse", reverse)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link TextLine}. Not for several threads at once. */
    public static final class Builder {
        private String text;
        private Align align;
        private TextSize size;
        private Boolean bold;
        private Boolean underline;
        private Boolean reverse;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * May have line feeds and tabs. A full card number in it is masked or refused.
         *
         * @param text the value
         * @return this
         */
        public @NotNull Builder text(@NotNull String text) {
            this.text = Objects.requireNonNull(text, "text");
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
         * Size of text, in times the normal one. Default: normal.
         *
         * @param size the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder size(@Nullable TextSize size) {
            this.size = size;
            return this;
        }

        /**
         * Bold. Default: false.
         *
         * @param bold the value
         * @return this
         */
        public @NotNull Builder bold(boolean bold) {
            this.bold = bold;
            return this;
        }

        /**
         * Underlined. Default: false.
         *
         * @param underline the value
         * @return this
         */
        public @NotNull Builder underline(boolean underline) {
            this.underline = underline;
            return this;
        }

        /**
         * White on black. Default: false.
         *
         * @param reverse the value
         * @return this
         */
        public @NotNull Builder reverse(boolean reverse) {
            this.reverse = reverse;
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
        public @NotNull TextLine build() {
            return new TextLine(this);
        }
    }
}
