package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** What may be asked for beside the document. All of it is optional. Immutable. */
public final class SubmitOptions {
    private final Boolean hold;
    private final Integer expiresAfterS;
    private final UncertainPolicy policy;
    private final String title;
    private final Purpose purpose;

    private SubmitOptions(Builder from) {
        hold = from.hold;
        expiresAfterS = from.expiresAfterS;
        policy = from.policy;
        title = from.title;
        purpose = from.purpose;
    }

    void write(FrameWriter out) {
        out.optionalBool(hold);
        out.optionalU32(expiresAfterS == null ? null : expiresAfterS.longValue());
        out.optionalString(policy == null ? null : policy.getWord());
        out.optionalString(title);
        out.optionalString(purpose == null ? null : purpose.getWord());
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
        to.hold = hold;
        to.expiresAfterS = expiresAfterS;
        to.policy = policy;
        to.title = title;
        to.purpose = purpose;
        return to;
    }

    /**
     * Accept, but do not print before {@code Release}.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Boolean getHold() {
        return hold;
    }

    /**
     * Give up and become {@code expired} if it is not on paper after so many seconds; absent or 0: never.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Integer getExpiresAfterS() {
        return expiresAfterS;
    }

    /**
     * What to do when nobody knows whether it was printed; absent: as configured for the printer.
     *
     * @return it, or null if it is absent
     */
    public @Nullable UncertainPolicy getPolicy() {
        return policy;
    }

    /**
     * What a person reads in lists, for example {@code Sale 0042 18.50}. A card number in it is masked, as in the
     * key.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getTitle() {
        return title;
    }

    /**
     * It is no receipt but for training or a test, and says so above and below; absent: a receipt.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Purpose getPurpose() {
        return purpose;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof SubmitOptions)) {
            return false;
        }
        SubmitOptions that = (SubmitOptions) other;
        return Objects.equals(hold, that.hold)
                && Objects.equals(expiresAfterS, that.expiresAfterS)
                && Objects.equals(policy, that.policy)
                && Objects.equals(title, that.title)
                && Objects.equals(purpose, that.purpose);
    }

    @Override
    public int hashCode() {
        return Objects.hash(hold, expiresAfterS, policy, title, purpose);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("SubmitOptions")
                .add("hold", hold)
                .add("expiresAfterS", expiresAfterS)
                .add("policy", policy)
                .add("purpose", purpose)
                .toString();
    }

    /** Builds a {@link SubmitOptions}. Not for several threads at once. */
    public static final class Builder {
        private Boolean hold;
        private Integer expiresAfterS;
        private UncertainPolicy policy;
        private String title;
        private Purpose purpose;

        private Builder() {}

        /**
         * Accept, but do not print before {@code Release}.
         *
         * @param hold the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder hold(@Nullable Boolean hold) {
            this.hold = hold;
            return this;
        }

        /**
         * Give up and become {@code expired} if it is not on paper after so many seconds; absent or 0: never.
         *
         * @param expiresAfterS the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder expiresAfterS(@Nullable Integer expiresAfterS) {
            this.expiresAfterS = expiresAfterS;
            return this;
        }

        /**
         * What to do when nobody knows whether it was printed; absent: as configured for the printer.
         *
         * @param policy the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder policy(@Nullable UncertainPolicy policy) {
            this.policy = policy;
            return this;
        }

        /**
         * What a person reads in lists, for example {@code Sale 0042 18.50}. A card number in it is masked, as in
         * the key.
         *
         * @param title the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder title(@Nullable String title) {
            this.title = title;
            return this;
        }

        /**
         * It is no receipt but for training or a test, and says so above and below; absent: a receipt.
         *
         * @param purpose the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder purpose(@Nullable Purpose purpose) {
            this.purpose = purpose;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull SubmitOptions build() {
            return new SubmitOptions(this);
        }
    }
}
