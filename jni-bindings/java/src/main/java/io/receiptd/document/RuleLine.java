package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A rule across the paper. Immutable. */
public final class RuleLine extends Line {
    private final RuleStyle style;

    private RuleLine(Builder from) {
        super(from.only);
        style = from.style;
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
        to.style = style;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * How it looks. Default: single.
     *
     * @return it, or null if it is left out
     */
    public @Nullable RuleStyle getStyle() {
        return style;
    }

    @Override
    String key() {
        return "rule";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("style", style == null ? null : style.getWord());
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof RuleLine)) {
            return false;
        }
        RuleLine that = (RuleLine) other;
        return Objects.equals(style, that.style)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(style, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("RuleLine")
                .add("style", style)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link RuleLine}. Not for several threads at once. */
    public static final class Builder {
        private RuleStyle style;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * How it looks. Default: single.
         *
         * @param style the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder style(@Nullable RuleStyle style) {
            this.style = style;
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
        public @NotNull RuleLine build() {
            return new RuleLine(this);
        }
    }
}
