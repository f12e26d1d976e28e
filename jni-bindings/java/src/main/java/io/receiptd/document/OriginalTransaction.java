package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** The transaction that this one undoes or completes. Immutable. */
public final class OriginalTransaction {
    private final String voucher;
    private final String reference;
    private final String authorisation;
    private final String date;

    private OriginalTransaction(Builder from) {
        voucher = from.voucher;
        reference = from.reference;
        authorisation = from.authorisation;
        date = from.date;
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
        to.voucher = voucher;
        to.reference = reference;
        to.authorisation = authorisation;
        to.date = date;
        return to;
    }

    /**
     * Voucher number.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getVoucher() {
        return voucher;
    }

    /**
     * Reference number.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getReference() {
        return reference;
    }

    /**
     * Authorisation code.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAuthorisation() {
        return authorisation;
    }

    /**
     * Date, as it shall be printed.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getDate() {
        return date;
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("voucher", voucher);
        out.field("reference", reference);
        out.field("authorisation", authorisation);
        out.field("date", date);
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof OriginalTransaction)) {
            return false;
        }
        OriginalTransaction that = (OriginalTransaction) other;
        return Objects.equals(voucher, that.voucher)
                && Objects.equals(reference, that.reference)
                && Objects.equals(authorisation, that.authorisation)
                && Objects.equals(date, that.date);
    }

    @Override
    public int hashCode() {
        return Objects.hash(voucher, reference, authorisation, date);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("OriginalTransaction")
                .add("voucher", voucher)
                .add("reference", reference)
                .add("authorisation", authorisation)
                .add("date", date)
                .toString();
    }

    /** Builds a {@link OriginalTransaction}. Not for several threads at once. */
    public static final class Builder {
        private String voucher;
        private String reference;
        private String authorisation;
        private String date;

        private Builder() {}

        /**
         * Voucher number.
         *
         * @param voucher the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder voucher(@Nullable String voucher) {
            this.voucher = voucher;
            return this;
        }

        /**
         * Reference number.
         *
         * @param reference the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reference(@Nullable String reference) {
            this.reference = reference;
            return this;
        }

        /**
         * Authorisation code.
         *
         * @param authorisation the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder authorisation(@Nullable String authorisation) {
            this.authorisation = authorisation;
            return this;
        }

        /**
         * Date, as it shall be printed.
         *
         * @param date the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder date(@Nullable String date) {
            this.date = date;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull OriginalTransaction build() {
            return new OriginalTransaction(this);
        }
    }
}
