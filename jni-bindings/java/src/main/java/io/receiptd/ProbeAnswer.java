package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * One question of a probe. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class ProbeAnswer {
    private final String when;
    private final String asked;
    private final boolean answered;
    private final Long afterUs;
    private final String value;
    private final String verdict;

    private ProbeAnswer(Builder from) {
        when = from.when;
        asked = from.asked;
        answered = from.answered;
        afterUs = from.afterUs;
        value = from.value;
        verdict = from.verdict;
    }

    static ProbeAnswer read(FrameReader in) {
        Builder to = new Builder();
        to.when = in.string();
        to.asked = in.string();
        to.answered = in.bool();
        to.afterUs = in.optional(FrameReader::u64);
        to.value = in.optional(FrameReader::string);
        to.verdict = in.optional(FrameReader::string);
        return to.build();
    }

    /**
     * A builder with empty fields.
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
        to.when = when;
        to.asked = asked;
        to.answered = answered;
        to.afterUs = afterUs;
        to.value = value;
        to.verdict = verdict;
        return to;
    }

    /**
     * When it was asked: {@code idle}, behind the {@code page}, behind the {@code cut}, {@code after} all of it.
     *
     * @return it
     */
    public @NotNull String getWhen() {
        return when;
    }

    /**
     * What: {@code dle-eot}, {@code port-status}, {@code gs-a}, {@code gs-i-65} to {@code gs-i-68}, {@code gs-r},
     * {@code gs-h-48}, {@code gs-g-148}, {@code gs-g-178}.
     *
     * @return it
     */
    public @NotNull String getAsked() {
        return asked;
    }

    /**
     * Whether an answer came in time.
     *
     * @return it
     */
    public boolean isAnswered() {
        return answered;
    }

    /**
     * How long it took, in microseconds; behind the page since the page's first byte.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getAfterUs() {
        return afterUs;
    }

    /**
     * What it said: status bytes in hexadecimal, a text, a number; or what else came.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getValue() {
        return value;
    }

    /**
     * Of answers behind the page: {@code believable}, {@code too-soon} (a lie), {@code too-short} (not judged).
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getVerdict() {
        return verdict;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof ProbeAnswer)) {
            return false;
        }
        ProbeAnswer that = (ProbeAnswer) other;
        return when.equals(that.when)
                && asked.equals(that.asked)
                && answered == that.answered
                && Objects.equals(afterUs, that.afterUs)
                && Objects.equals(value, that.value)
                && Objects.equals(verdict, that.verdict);
    }

    @Override
    public int hashCode() {
        return Objects.hash(when, asked, answered, afterUs, value, verdict);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("ProbeAnswer")
                .add("when", when)
                .add("asked", asked)
                .add("answered", answered)
                .add("afterUs", afterUs)
                .add("value", value)
                .add("verdict", verdict)
                .toString();
    }

    /** Builds a {@link ProbeAnswer}. Not for several threads at once. */
    public static final class Builder {
        private String when = "";
        private String asked = "";
        private boolean answered;
        private Long afterUs;
        private String value;
        private String verdict;

        private Builder() {}

        /**
         * When it was asked: {@code idle}, behind the {@code page}, behind the {@code cut}, {@code after} all of
         * it.
         *
         * @param when the value
         * @return this
         */
        public @NotNull Builder when(@NotNull String when) {
            this.when = Objects.requireNonNull(when, "when");
            return this;
        }

        /**
         * What: {@code dle-eot}, {@code port-status}, {@code gs-a}, {@code gs-i-65} to {@code gs-i-68}, {@code
         * gs-r}, {@code gs-h-48}, {@code gs-g-148}, {@code gs-g-178}.
         *
         * @param asked the value
         * @return this
         */
        public @NotNull Builder asked(@NotNull String asked) {
            this.asked = Objects.requireNonNull(asked, "asked");
            return this;
        }

        /**
         * Whether an answer came in time.
         *
         * @param answered the value
         * @return this
         */
        public @NotNull Builder answered(boolean answered) {
            this.answered = answered;
            return this;
        }

        /**
         * How long it took, in microseconds; behind the page since the page's first byte.
         *
         * @param afterUs the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder afterUs(@Nullable Long afterUs) {
            this.afterUs = afterUs;
            return this;
        }

        /**
         * What it said: status bytes in hexadecimal, a text, a number; or what else came.
         *
         * @param value the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder value(@Nullable String value) {
            this.value = value;
            return this;
        }

        /**
         * Of answers behind the page: {@code believable}, {@code too-soon} (a lie), {@code too-short} (not
         * judged).
         *
         * @param verdict the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder verdict(@Nullable String verdict) {
            this.verdict = verdict;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull ProbeAnswer build() {
            return new ProbeAnswer(this);
        }
    }
}
