package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** An amount with a name. Immutable. */
public final class NamedAmount {
    private final String name;
    private final Money amount;

    private NamedAmount(Builder from) {
        name = Required.of("NamedAmount", "name", from.name);
        amount = Required.of("NamedAmount", "amount", from.amount);
    }

    /**
     * A builder with nothing set. Required: {@code name}, {@code amount}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param name what it is
     * @param amount how much; not below zero
     * @return a new one
     */
    public static @NotNull NamedAmount of(@NotNull String name, @NotNull Money amount) {
        return builder().name(name).amount(amount).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.name = name;
        to.amount = amount;
        return to;
    }

    /**
     * What it is.
     *
     * @return it
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * How much; not below zero.
     *
     * @return it
     */
    public @NotNull Money getAmount() {
        return amount;
    }

    /** Every amount must be of one currency. */
    void checkCurrency(String currency) {
        Money.check("NamedAmount.amount", amount, currency, false);
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("name", name);
        out.field("amount", amount.getMinor());
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof NamedAmount)) {
            return false;
        }
        NamedAmount that = (NamedAmount) other;
        return Objects.equals(name, that.name)
                && Objects.equals(amount, that.amount);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, amount);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("NamedAmount")
                .add("name", name)
                .add("amount", amount)
                .toString();
    }

    /** Builds a {@link NamedAmount}. Not for several threads at once. */
    public static final class Builder {
        private String name;
        private Money amount;

        private Builder() {}

        /**
         * What it is.
         *
         * @param name the value
         * @return this
         */
        public @NotNull Builder name(@NotNull String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * How much; not below zero.
         *
         * @param amount the value
         * @return this
         */
        public @NotNull Builder amount(@NotNull Money amount) {
            this.amount = Objects.requireNonNull(amount, "amount");
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull NamedAmount build() {
            return new NamedAmount(this);
        }
    }
}
