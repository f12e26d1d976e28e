package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** Paper feed. Immutable. */
public final class FeedLine extends Line {
    private final Integer dots;

    private FeedLine(Builder from) {
        super(from.only);
        dots = Required.of("FeedLine", "dots", from.dots);
    }

    /**
     * A builder with nothing set. Required: {@code dots}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param dots dot rows of 1/8 mm
     * @return a new one
     */
    public static @NotNull FeedLine of(int dots) {
        return builder().dots(dots).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.dots = dots;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * Dot rows of 1/8 mm.
     *
     * @return it
     */
    public int getDots() {
        return dots;
    }

    @Override
    String key() {
        return "feed";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("dots", dots);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof FeedLine)) {
            return false;
        }
        FeedLine that = (FeedLine) other;
        return Objects.equals(dots, that.dots)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(dots, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("FeedLine")
                .add("dots", dots)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link FeedLine}. Not for several threads at once. */
    public static final class Builder {
        private Integer dots;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * Dot rows of 1/8 mm. 1 to 2000.
         *
         * @param dots the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder dots(int dots) {
            this.dots = Range.check("dots", dots, 1, 2000);
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
        public @NotNull FeedLine build() {
            return new FeedLine(this);
        }
    }
}
