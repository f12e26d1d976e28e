package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Beeps, on printers that can. Immutable. */
public final class BeepLine extends Line {
    private final Integer times;
    private final Integer durationMs;

    private BeepLine(Builder from) {
        super(from.only);
        times = from.times;
        durationMs = from.durationMs;
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
        to.times = times;
        to.durationMs = durationMs;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * How often. Default: 1.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getTimes() {
        return times;
    }

    /**
     * Length of one, in milliseconds, to the nearest 50. Default: 200.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getDurationMs() {
        return durationMs;
    }

    @Override
    String key() {
        return "beep";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("times", times);
        out.field("duration_ms", durationMs);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof BeepLine)) {
            return false;
        }
        BeepLine that = (BeepLine) other;
        return Objects.equals(times, that.times)
                && Objects.equals(durationMs, that.durationMs)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(times, durationMs, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("BeepLine")
                .add("times", times)
                .add("durationMs", durationMs)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link BeepLine}. Not for several threads at once. */
    public static final class Builder {
        private Integer times;
        private Integer durationMs;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * How often. Default: 1. 1 to 9.
         *
         * @param times the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder times(int times) {
            this.times = Range.check("times", times, 1, 9);
            return this;
        }

        /**
         * Length of one, in milliseconds, to the nearest 50. Default: 200. 50 to 450.
         *
         * @param durationMs the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder durationMs(int durationMs) {
            this.durationMs = Range.check("durationMs", durationMs, 50, 450);
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
        public @NotNull BeepLine build() {
            return new BeepLine(this);
        }
    }
}
