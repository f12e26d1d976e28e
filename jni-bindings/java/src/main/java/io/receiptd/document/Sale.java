package io.receiptd.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.TimeZone;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * The receipt of a shop. total = items - discounts + taxes (if not included) + rounding; payments - change =
 * total. Immutable.
 */
public final class Sale {
    private final Language language;
    private final Merchant merchant;
    private final String number;
    private final String time;
    private final String cashier;
    private final String register;
    private final String table;
    private final Boolean refund;
    private final List<Item> items;
    private final List<NamedAmount> discounts;
    private final List<Tax> taxes;
    private final Boolean taxesIncluded;
    private final Money rounding;
    private final Money total;
    private final List<NamedAmount> payments;
    private final Money change;

    private Sale(Builder from) {
        language = from.language;
        merchant = from.merchant;
        number = from.number;
        time = from.time;
        cashier = from.cashier;
        register = from.register;
        table = from.table;
        refund = from.refund;
        items = Collections.unmodifiableList(new ArrayList<>(from.items));
        discounts = Collections.unmodifiableList(new ArrayList<>(from.discounts));
        taxes = Collections.unmodifiableList(new ArrayList<>(from.taxes));
        taxesIncluded = from.taxesIncluded;
        rounding = from.rounding;
        total = Required.of("Sale", "total", from.total);
        payments = Collections.unmodifiableList(new ArrayList<>(from.payments));
        change = from.change;
        if (items.isEmpty()) {
            throw new IllegalStateException("Sale: items must have one at least");
        }
        checkCurrency(total.getCurrency());
    }

    /**
     * A builder with nothing set. Required: {@code items}, {@code total}.
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
        to.language = language;
        to.merchant = merchant;
        to.number = number;
        to.time = time;
        to.cashier = cashier;
        to.register = register;
        to.table = table;
        to.refund = refund;
        to.items.addAll(items);
        to.discounts.addAll(discounts);
        to.taxes.addAll(taxes);
        to.taxesIncluded = taxesIncluded;
        to.rounding = rounding;
        to.total = total;
        to.payments.addAll(payments);
        to.change = change;
        return to;
    }

    /**
     * The words around the fields. zh-en is English alone on a printer without Chinese. Default: zh-en.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Language getLanguage() {
        return language;
    }

    /**
     * Who sells.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Merchant getMerchant() {
        return merchant;
    }

    /**
     * Number of the receipt (单号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getNumber() {
        return number;
    }

    /**
     * Local date and time, such as 2026-11-27T14:32:05; an offset is allowed and not printed. It must exist
     * (2026-02-29 does not).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTime() {
        return time;
    }

    /**
     * Cashier (收银员).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getCashier() {
        return cashier;
    }

    /**
     * Register (收银台).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getRegister() {
        return register;
    }

    /**
     * Table (桌号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTable() {
        return table;
    }

    /**
     * The goods were taken back. Default: false.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getRefund() {
        return refund;
    }

    /**
     * What was sold.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<Item> getItems() {
        return items;
    }

    /**
     * Discounts on the whole.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<NamedAmount> getDiscounts() {
        return discounts;
    }

    /**
     * Taxes.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<Tax> getTaxes() {
        return taxes;
    }

    /**
     * The items have the taxes in them. Default: true.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getTaxesIncluded() {
        return taxesIncluded;
    }

    /**
     * What was rounded, in minor units; below zero if down (抹零). Default: 0.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getRounding() {
        return rounding;
    }

    /**
     * What is to be paid.
     *
     * @return it
     */
    public @NotNull Money getTotal() {
        return total;
    }

    /**
     * How it was paid.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<NamedAmount> getPayments() {
        return payments;
    }

    /**
     * What was given back.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getChange() {
        return change;
    }

    /**
     * A currency code of ISO 4217.
     *
     * @return that of its amounts
     */
    public @NotNull String getCurrency() {
        return total.getCurrency();
    }

    /** Every amount must be of one currency. */
    void checkCurrency(String currency) {
        for (Item one : items) {
            one.checkCurrency(currency);
        }
        for (NamedAmount one : discounts) {
            one.checkCurrency(currency);
        }
        for (Tax one : taxes) {
            one.checkCurrency(currency);
        }
        Money.check("Sale.rounding", rounding, currency, true);
        Money.check("Sale.total", total, currency, false);
        for (NamedAmount one : payments) {
            one.checkCurrency(currency);
        }
        Money.check("Sale.change", change, currency, false);
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("language", language == null ? null : language.getWord());
        if (merchant != null) {
            out.name("merchant");
            merchant.write(out);
        }
        out.field("number", number);
        out.field("time", time);
        out.field("cashier", cashier);
        out.field("register", register);
        out.field("table", table);
        out.field("refund", refund);
        out.field("currency", getCurrency());
        out.name("items").beginArray();
        for (Item one : items) {
            one.write(out);
        }
        out.endArray();
        if (!discounts.isEmpty()) {
            out.name("discounts").beginArray();
            for (NamedAmount one : discounts) {
                one.write(out);
            }
            out.endArray();
        }
        if (!taxes.isEmpty()) {
            out.name("taxes").beginArray();
            for (Tax one : taxes) {
                one.write(out);
            }
            out.endArray();
        }
        out.field("taxes_included", taxesIncluded);
        out.field("rounding", rounding == null ? null : rounding.getMinor());
        out.field("total", total.getMinor());
        if (!payments.isEmpty()) {
            out.name("payments").beginArray();
            for (NamedAmount one : payments) {
                one.write(out);
            }
            out.endArray();
        }
        out.field("change", change == null ? null : change.getMinor());
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Sale)) {
            return false;
        }
        Sale that = (Sale) other;
        return Objects.equals(language, that.language)
                && Objects.equals(merchant, that.merchant)
                && Objects.equals(number, that.number)
                && Objects.equals(time, that.time)
                && Objects.equals(cashier, that.cashier)
                && Objects.equals(register, that.register)
                && Objects.equals(table, that.table)
                && Objects.equals(refund, that.refund)
                && Objects.equals(items, that.items)
                && Objects.equals(discounts, that.discounts)
                && Objects.equals(taxes, that.taxes)
                && Objects.equals(taxesIncluded, that.taxesIncluded)
                && Objects.equals(rounding, that.rounding)
                && Objects.equals(total, that.total)
                && Objects.equals(payments, that.payments)
                && Objects.equals(change, that.change);
    }

    @Override
    public int hashCode() {
        return Objects.hash(language, merchant, number, time, cashier, register, table, refund, items, discounts, taxes,
                taxesIncluded, rounding, total, payments, change);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Sale")
                .add("language", language)
                .add("merchant", merchant)
                .add("number", number)
                .add("time", time)
                .add("cashier", cashier)
                .add("register", register)
                .add("table", table)
                .add("refund", refund)
                .add("items", items)
                .add("discounts", discounts)
                .add("taxes", taxes)
                .add("taxesIncluded", taxesIncluded)
                .add("rounding", rounding)
                .add("total", total)
                .add("payments", payments)
                .add("change", change)
                .toString();
    }

    /** Builds a {@link Sale}. Not for several threads at once. */
    public static final class Builder {
        private Language language;
        private Merchant merchant;
        private String number;
        private String time;
        private String cashier;
        private String register;
        private String table;
        private Boolean refund;
        private final List<Item> items = new ArrayList<>();
        private final List<NamedAmount> discounts = new ArrayList<>();
        private final List<Tax> taxes = new ArrayList<>();
        private Boolean taxesIncluded;
        private Money rounding;
        private Money total;
        private final List<NamedAmount> payments = new ArrayList<>();
        private Money change;

        private Builder() {}

        /**
         * The words around the fields. zh-en is English alone on a printer without Chinese. Default: zh-en.
         *
         * @param language the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder language(@Nullable Language language) {
            this.language = language;
            return this;
        }

        /**
         * Who sells.
         *
         * @param merchant the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder merchant(@Nullable Merchant merchant) {
            this.merchant = merchant;
            return this;
        }

        /**
         * Number of the receipt (单号).
         *
         * @param number the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder number(@Nullable String number) {
            this.number = number;
            return this;
        }

        /**
         * Local date and time, such as 2026-11-27T14:32:05; an offset is allowed and not printed. It must exist
         * (2026-02-29 does not).
         *
         * @param time the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder time(@Nullable String time) {
            this.time = time;
            return this;
        }

        /**
         * Local date and time, to the second.
         *
         * @param when the moment
         * @param zone where: {@code TimeZone.getDefault()} is that of the terminal
         * @return this
         */
        public @NotNull Builder time(@NotNull Date when, @NotNull TimeZone zone) {
            return time(LocalTime.of(when, zone));
        }

        /**
         * Cashier (收银员).
         *
         * @param cashier the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder cashier(@Nullable String cashier) {
            this.cashier = cashier;
            return this;
        }

        /**
         * Register (收银台).
         *
         * @param register the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder register(@Nullable String register) {
            this.register = register;
            return this;
        }

        /**
         * Table (桌号).
         *
         * @param table the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder table(@Nullable String table) {
            this.table = table;
            return this;
        }

        /**
         * The goods were taken back. Default: false.
         *
         * @param refund the value
         * @return this
         */
        public @NotNull Builder refund(boolean refund) {
            this.refund = refund;
            return this;
        }

        /**
         * What was sold. Instead of those set so far.
         *
         * @param items the values
         * @return this
         */
        public @NotNull Builder items(@NotNull List<Item> items) {
            this.items.clear();
            this.items.addAll(items);
            return this;
        }

        /**
         * One more.
         *
         * @param item the value
         * @return this
         */
        public @NotNull Builder addItem(@NotNull Item item) {
            items.add(Objects.requireNonNull(item, "item"));
            return this;
        }

        /**
         * One more.
         *
         * @param name what it is called
         * @param amount what it costs
         * @return this
         */
        public @NotNull Builder addItem(@NotNull String name, @NotNull Money amount) {
            return addItem(Item.of(name, amount));
        }

        /**
         * Discounts on the whole. Instead of those set so far.
         *
         * @param discounts the values
         * @return this
         */
        public @NotNull Builder discounts(@NotNull List<NamedAmount> discounts) {
            this.discounts.clear();
            this.discounts.addAll(discounts);
            return this;
        }

        /**
         * One more.
         *
         * @param discount the value
         * @return this
         */
        public @NotNull Builder addDiscount(@NotNull NamedAmount discount) {
            discounts.add(Objects.requireNonNull(discount, "discount"));
            return this;
        }

        /**
         * One more.
         *
         * @param name what it is
         * @param amount how much
         * @return this
         */
        public @NotNull Builder addDiscount(@NotNull String name, @NotNull Money amount) {
            return addDiscount(NamedAmount.of(name, amount));
        }

        /**
         * Taxes. Instead of those set so far.
         *
         * @param taxes the values
         * @return this
         */
        public @NotNull Builder taxes(@NotNull List<Tax> taxes) {
            this.taxes.clear();
            this.taxes.addAll(taxes);
            return this;
        }

        /**
         * One more.
         *
         * @param tax the value
         * @return this
         */
        public @NotNull Builder addTax(@NotNull Tax tax) {
            taxes.add(Objects.requireNonNull(tax, "tax"));
            return this;
        }

        /**
         * The items have the taxes in them. Default: true.
         *
         * @param taxesIncluded the value
         * @return this
         */
        public @NotNull Builder taxesIncluded(boolean taxesIncluded) {
            this.taxesIncluded = taxesIncluded;
            return this;
        }

        /**
         * What was rounded, in minor units; below zero if down (抹零). Default: 0.
         *
         * @param rounding the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder rounding(@Nullable Money rounding) {
            this.rounding = rounding;
            return this;
        }

        /**
         * What is to be paid.
         *
         * @param total the value
         * @return this
         */
        public @NotNull Builder total(@NotNull Money total) {
            this.total = Objects.requireNonNull(total, "total");
            return this;
        }

        /**
         * How it was paid. Instead of those set so far.
         *
         * @param payments the values
         * @return this
         */
        public @NotNull Builder payments(@NotNull List<NamedAmount> payments) {
            this.payments.clear();
            this.payments.addAll(payments);
            return this;
        }

        /**
         * One more.
         *
         * @param payment the value
         * @return this
         */
        public @NotNull Builder addPayment(@NotNull NamedAmount payment) {
            payments.add(Objects.requireNonNull(payment, "payment"));
            return this;
        }

        /**
         * One more.
         *
         * @param name what it is
         * @param amount how much
         * @return this
         */
        public @NotNull Builder addPayment(@NotNull String name, @NotNull Money amount) {
            return addPayment(NamedAmount.of(name, amount));
        }

        /**
         * What was given back.
         *
         * @param change the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder change(@Nullable Money change) {
            this.change = change;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         * @throws IllegalArgumentException if the amounts are not of one currency, or one is below zero that
         *     must not
         */
        public @NotNull Sale build() {
            return new Sale(this);
        }
    }
}
