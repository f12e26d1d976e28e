package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** The card. Immutable. */
public final class Card {
    private final String number;
    private final String expiry;
    private final CardEntry entry;
    private final String sequence;

    private Card(Builder from) {
        number = Required.of("Card", "number", from.number);
        expiry = from.expiry;
        entry = from.entry;
        sequence = from.sequence;
    }

    /**
     * A builder with nothing set. Required: {@code number}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param number 8 to 19 digits, whole or masked with *. What of it is printed is the rule of each copy
     * @return a new one
     */
    public static @NotNull Card of(@NotNull String number) {
        return builder().number(number).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.number = number;
        to.expiry = expiry;
        to.entry = entry;
        to.sequence = sequence;
        return to;
    }

    /**
     * 8 to 19 digits, whole or masked with *. What of it is printed is the rule of each copy.
     *
     * @return it
     */
    public @NotNull String getNumber() {
        return number;
    }

    /**
     * MM/YY; printed on copies whose rule says so.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getExpiry() {
        return expiry;
    }

    /**
     * How it was read.
     *
     * @return it, or null if it is left out
     */
    public @Nullable CardEntry getEntry() {
        return entry;
    }

    /**
     * Sequence number of the card (tag 5F34).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getSequence() {
        return sequence;
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("number", number);
        out.field("expiry", expiry);
        out.field("entry", entry == null ? null : entry.getWord());
        out.field("sequence", sequence);
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Card)) {
            return false;
        }
        Card that = (Card) other;
        return Objects.equals(number, that.number)
                && Objects.equals(expiry, that.expiry)
                && Objects.equals(entry, that.entry)
                && Objects.equals(sequence, that.sequence);
    }

    @Override
    public int hashCode() {
        return Objects.hash(number, expiry, entry, sequence);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Card")
                .add("number", number)
                .add("expiry", expiry)
                .add("entry", entry)
                .add("sequence", sequence)
                .toString();
    }

    /** Builds a {@link Card}. Not for several threads at once. */
    public static final class Builder {
        private String number;
        private String expiry;
        private CardEntry entry;
        private String sequence;

        private Builder() {}

        /**
         * 8 to 19 digits, whole or masked with *. What of it is printed is the rule of each copy.
         *
         * @param number the value
         * @return this
         */
        public @NotNull Builder number(@NotNull String number) {
            this.number = Objects.requireNonNull(number, "number");
            return this;
        }

        /**
         * MM/YY; printed on copies whose rule says so.
         *
         * @param expiry the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder expiry(@Nullable String expiry) {
            this.expiry = expiry;
            return this;
        }

        /**
         * How it was read.
         *
         * @param entry the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder entry(@Nullable CardEntry entry) {
            this.entry = entry;
            return this;
        }

        /**
         * Sequence number of the card (tag 5F34).
         *
         * @param sequence the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder sequence(@Nullable String sequence) {
            this.sequence = sequence;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull Card build() {
            return new Card(this);
        }
    }
}
