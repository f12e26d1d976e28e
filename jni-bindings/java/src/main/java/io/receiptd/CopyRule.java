package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** What is particular to one copy of a card slip, for a spooler in this process. Immutable. */
public final class CopyRule {
    private static final int MAX_FIRST = 6;
    private static final int MAX_LAST = 4;

    private final Integer keepFirst;
    private final Integer keepLast;
    private final Boolean expiry;
    private final Boolean signature;
    private final String label;

    private CopyRule(Builder from) {
        keepFirst = from.keepFirst;
        keepLast = from.keepLast;
        expiry = from.expiry;
        signature = from.signature;
        label = from.label;
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
     * Digits of the card number that are shown at its beginning.
     *
     * @return 0 to 6, or null: 6
     */
    public @Nullable Integer getKeepFirst() {
        return keepFirst;
    }

    /**
     * Digits of the card number that are shown at its end.
     *
     * @return 0 to 4, or null: 4
     */
    public @Nullable Integer getKeepLast() {
        return keepLast;
    }

    /**
     * Whether the card's expiry date is printed.
     *
     * @return whether, or null: it is not
     */
    public @Nullable Boolean getExpiry() {
        return expiry;
    }

    /**
     * Whether the line for the signature is printed, where the slip asks for one.
     *
     * @return whether, or null: it is, but not on the customer's copy
     */
    public @Nullable Boolean getSignature() {
        return signature;
    }

    /**
     * What the copy is called on paper.
     *
     * @return 1 to 48 characters, or null: as usual, in the language of the receipt
     */
    public @Nullable String getLabel() {
        return label;
    }

    void write(Toml out) {
        out.key("keep-first", keepFirst).key("keep-last", keepLast).key("expiry", expiry).key("signature", signature)
                .key("label", label);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof CopyRule)) {
            return false;
        }
        CopyRule that = (CopyRule) other;
        return Objects.equals(keepFirst, that.keepFirst)
                && Objects.equals(keepLast, that.keepLast)
                && Objects.equals(expiry, that.expiry)
                && Objects.equals(signature, that.signature)
                && Objects.equals(label, that.label);
    }

    @Override
    public int hashCode() {
        return Objects.hash(keepFirst, keepLast, expiry, signature, label);
    }

    /**
     * For logs.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("CopyRule").add("keepFirst", keepFirst).add("keepLast", keepLast).add("expiry", expiry)
                .add("signature", signature).add("label", label).toString();
    }

    /** Builds a {@link CopyRule}. Not for several threads at once. */
    public static final class Builder {
        private Integer keepFirst;
        private Integer keepLast;
        private Boolean expiry;
        private Boolean signature;
        private String label;

        private Builder() {}

        /**
         * Digits of the card number that are shown. Default: 6 and 4, which is the most.
         *
         * @param first at its beginning, 0 to 6
         * @param last  at its end, 0 to 4
         * @return this
         * @throws IllegalArgumentException if one is beyond that
         */
        public @NotNull Builder keepDigits(int first, int last) {
            if (first < 0 || first > MAX_FIRST || last < 0 || last > MAX_LAST) {
                throw new IllegalArgumentException("at most 6 digits at the beginning and 4 at the end may be shown");
            }
            keepFirst = first;
            keepLast = last;
            return this;
        }

        /**
         * Whether the card's expiry date is printed. Default: false.
         *
         * @param expiry whether
         * @return this
         */
        public @NotNull Builder expiry(boolean expiry) {
            this.expiry = expiry;
            return this;
        }

        /**
         * Whether the line for the signature is printed, where the slip asks for one. Default: true, but false on the
         * customer's copy.
         *
         * @param signature whether
         * @return this
         */
        public @NotNull Builder signature(boolean signature) {
            this.signature = signature;
            return this;
        }

        /**
         * What the copy is called on paper. Default: as usual, in the language of the receipt.
         *
         * @param label 1 to 48 characters; null: the default
         * @return this
         */
        public @NotNull Builder label(@Nullable String label) {
            this.label = label;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull CopyRule build() {
            return new CopyRule(this);
        }
    }
}
