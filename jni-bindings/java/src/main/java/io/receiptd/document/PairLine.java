package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Two texts, at the left and at the right edge. Immutable. */
public final class PairLine extends Line {
    private final String left;
    private final String right;
    private final Boolean bold;
    private final TextSize size;

    private PairLine(Builder from) {
        super(from.only);
        left = Required.of("PairLine", "left", from.left);
        right = Required.of("PairLine", "right", from.right);
        bold = from.bold;
        size = from.size;
    }

    /**
     * A builder with nothing set. Required: {@code left}, {@code right}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param left what it is
     * @param right how much, or which
     * @return a new one
     */
    public static @NotNull PairLine of(@NotNull String left, @NotNull String right) {
        return builder().left(left).right(right).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.left = left;
        to.right = right;
        to.bold = bold;
        to.size = size;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * What it is.
     *
     * @return it
     */
    public @NotNull String getLeft() {
        return left;
    }

    /**
     * How much, or which.
     *
     * @return it
     */
    public @NotNull String getRight() {
        return right;
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
     * Size of text, in times the normal one. Default: normal.
     *
     * @return it, or null if it is left out
     */
    public @Nullable TextSize getSize() {
        return size;
    }

    @Override
    String key() {
        return "pair";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("left", left);
        out.field("right", right);
        out.field("bold", bold);
        if (size != null) {
            out.name("size");
            size.write(out);
        }
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof PairLine)) {
            return false;
        }
        PairLine that = (PairLine) other;
        return Objects.equals(left, that.left)
                && Objects.equals(right, that.right)
                && Objects.equals(bold, that.bold)
                && Objects.equals(size, that.size)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(left, right, bold, size, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("PairLine")
                .add("left", left)
                .add("right", right)
                .add("bold", bold)
                .add("size", size)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link PairLine}. Not for several threads at once. */
    public static final class Builder {
        private String left;
        private String right;
        private Boolean bold;
        private TextSize size;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * What it is.
         *
         * @param left the value
         * @return this
         */
        public @NotNull Builder left(@NotNull String left) {
            this.left = Objects.requireNonNull(left, "left");
            return this;
        }

        /**
         * How much, or which.
         *
         * @param right the value
         * @return this
         */
        public @NotNull Builder right(@NotNull String right) {
            this.right = Objects.requireNonNull(right, "right");
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
        public @NotNull PairLine build() {
            return new PairLine(this);
        }
    }
}
