package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Empty lines. Immutable. */
public final class SpaceLine extends Line {
    private final Integer lines;

    private SpaceLine(Builder from) {
        super(from.only);
        lines = from.lines;
    }

    /**
     * A builder with nothing set.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.lines = lines;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * How many. Default: 1.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getLines() {
        return lines;
    }

    @Override
    String key() {
        return "space";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("lines", lines);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof SpaceLine)) {
            return false;
        }
        SpaceLine that = (SpaceLine) other;
        return Objects.equals(lines, that.lines)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(lines, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("SpaceLine")
                .add("lines", lines)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link SpaceLine}. Not for several threads at once. */
    public static final class Builder {
        private Integer lines;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * How many. Default: 1. 1 to 255.
         *
         * @param lines the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder lines(int lines) {
            this.lines = Range.check("lines", lines, 1, 255);
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
         */
        public @NotNull SpaceLine build() {
            return new SpaceLine(this);
        }
    }
}
