package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** One position. Immutable. */
public final class Item {
    private final String name;
    private final String code;
    private final String quantity;
    private final String unit;
    private final Money unitPrice;
    private final Money discount;
    private final Money amount;
    private final String note;
    private final String tax;

    private Item(Builder from) {
        name = Required.of("Item", "name", from.name);
        code = from.code;
        quantity = from.quantity;
        unit = from.unit;
        unitPrice = from.unitPrice;
        discount = from.discount;
        amount = Required.of("Item", "amount", from.amount);
        note = from.note;
        tax = from.tax;
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
     * @param name what it is called
     * @param amount quantity times unit price, less the discount
     * @return a new one
     */
    public static @NotNull Item of(@NotNull String name, @NotNull Money amount) {
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
        to.code = code;
        to.quantity = quantity;
        to.unit = unit;
        to.unitPrice = unitPrice;
        to.discount = discount;
        to.amount = amount;
        to.note = note;
        to.tax = tax;
        return to;
    }

    /**
     * What it is called.
     *
     * @return it
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * Number of the article.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getCode() {
        return code;
    }

    /**
     * A whole number, or a string with up to three digits behind the point. Default: 1.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getQuantity() {
        return quantity;
    }

    /**
     * Unit of the quantity, such as kg.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getUnit() {
        return unit;
    }

    /**
     * What one costs.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getUnitPrice() {
        return unitPrice;
    }

    /**
     * A discount on this position.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getDiscount() {
        return discount;
    }

    /**
     * Quantity times unit price, less the discount.
     *
     * @return it
     */
    public @NotNull Money getAmount() {
        return amount;
    }

    /**
     * Shown below it.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getNote() {
        return note;
    }

    /**
     * Which tax it has, in a letter or two.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTax() {
        return tax;
    }

    /** Every amount must be of one currency. */
    void checkCurrency(String currency) {
        Money.check("Item.unitPrice", unitPrice, currency, false);
        Money.check("Item.discount", discount, currency, false);
        Money.check("Item.amount", amount, currency, false);
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("name", name);
        out.field("code", code);
        writeQuantity(out);
        out.field("unit", unit);
        out.field("unit_price", unitPrice == null ? null : unitPrice.getMinor());
        out.field("discount", discount == null ? null : discount.getMinor());
        out.field("amount", amount.getMinor());
        out.field("note", note);
        out.field("tax", tax);
        out.endObject();
    }

    /** A whole number is a number, as a person would write it. */
    private void writeQuantity(JsonWriter out) {
        if (quantity != null && quantity.matches("[1-9][0-9]{0,5}")) {
            out.field("quantity", Long.valueOf(quantity));
        } else {
            out.field("quantity", quantity);
        }
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Item)) {
            return false;
        }
        Item that = (Item) other;
        return Objects.equals(name, that.name)
                && Objects.equals(code, that.code)
                && Objects.equals(quantity, that.quantity)
                && Objects.equals(unit, that.unit)
                && Objects.equals(unitPrice, that.unitPrice)
                && Objects.equals(discount, that.discount)
                && Objects.equals(amount, that.amount)
                && Objects.equals(note, that.note)
                && Objects.equals(tax, that.tax);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, code, quantity, unit, unitPrice, discount, amount, note, tax);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Item")
                .add("name", name)
                .add("code", code)
                .add("quantity", quantity)
                .add("unit", unit)
                .add("unitPrice", unitPrice)
                .add("discount", discount)
                .add("amount", amount)
                .add("note", note)
                .add("tax", tax)
                .toString();
    }

    /** Builds a {@link Item}. Not for several threads at once. */
    public static final class Builder {
        private String name;
        private String code;
        private String quantity;
        private String unit;
        private Money unitPrice;
        private Money discount;
        private Money amount;
        private String note;
        private String tax;

        private Builder() {}

        /**
         * What it is called.
         *
         * @param name the value
         * @return this
         */
        public @NotNull Builder name(@NotNull String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Number of the article.
         *
         * @param code the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder code(@Nullable String code) {
            this.code = code;
            return this;
        }

        /**
         * A number with up to three digits behind the point, for example {@code 0.456}. Default: 1.
         *
         * @param quantity the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder quantity(@Nullable String quantity) {
            this.quantity = quantity;
            return this;
        }

        /**
         * A whole number from 1 to 999999.
         *
         * @param quantity the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder quantity(int quantity) {
            return quantity(String.valueOf(Range.check("quantity", quantity, 1, 999_999)));
        }

        /**
         * Unit of the quantity, such as kg.
         *
         * @param unit the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder unit(@Nullable String unit) {
            this.unit = unit;
            return this;
        }

        /**
         * What one costs.
         *
         * @param unitPrice the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder unitPrice(@Nullable Money unitPrice) {
            this.unitPrice = unitPrice;
            return this;
        }

        /**
         * A discount on this position.
         *
         * @param discount the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder discount(@Nullable Money discount) {
            this.discount = discount;
            return this;
        }

        /**
         * Quantity times unit price, less the discount.
         *
         * @param amount the value
         * @return this
         */
        public @NotNull Builder amount(@NotNull Money amount) {
            this.amount = Objects.requireNonNull(amount, "amount");
            return this;
        }

        /**
         * Shown below it.
         *
         * @param note the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder note(@Nullable String note) {
            this.note = note;
            return this;
        }

        /**
         * Which tax it has, in a letter or two.
         *
         * @param tax the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder tax(@Nullable String tax) {
            this.tax = tax;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull Item build() {
            return new Item(this);
        }
    }
}
