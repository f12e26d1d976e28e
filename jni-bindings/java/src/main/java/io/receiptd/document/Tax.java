package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A tax. Immutable. */
public final class Tax {
    private final String name;
    private final Money base;
    private final Money amount;

    private Tax(Builder from) {
        name = Required.of("Tax", "name", from.name);
        base = from.base;
        amount = Required.of("Tax", "amount", from.amount);
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
     * @param name such as 增值税 VAT 6%
     * @param amount how much; not below zero
     * @return a new one
     */
    public static @NotNull Tax of(@NotNull String name, @NotNull Money amount) {
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
        to.base = base;
        to.amount = amount;
        return to;
    }

    /**
     * Such as 增值税 VAT 6%.
     *
     * @return it
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * The amount that it is reckoned from.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getBase() {
        return base;
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
        Money.check("Tax.base", base, currency, false);
        Money.check("Tax.amount", amount, currency, false);
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("name", name);
        out.field("base", base == null ? null : base.getMinor());
        out.field("amount", amount.getMinor());
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Tax)) {
            return false;
        }
        Tax that = (Tax) other;
        return Objects.equals(name, that.name)
                && Objects.equals(base, that.base)
                && Objects.equals(amount, that.amount);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, base, amount);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Tax")
                .add("name", name)
                .add("base", base)
                .add("amount", amount)
                .toString();
    }

    /** Builds a {@link Tax}. Not for several threads at once. */
    public static final class Builder {
        private String name;
        private Money base;
        private Money amount;

        private Builder() {}

        /**
         * Such as 增值税 VAT 6%.
         *
         * @param name the value
         * @return this
         */
        public @NotNull Builder name(@NotNull String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * The amount that it is reckoned from.
         *
         * @param base the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder base(@Nullable Money base) {
            this.base = base;
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
        public @NotNull Tax build() {
            return new Tax(this);
        }
    }
}
