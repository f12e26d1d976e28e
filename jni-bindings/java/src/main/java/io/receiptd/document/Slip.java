package io.receiptd.document;

import java.util.Date;
import java.util.Objects;
import java.util.TimeZone;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** The slip of a card payment. Immutable. */
public final class Slip {
    private final SlipType type;
    private final SlipResult result;
    private final String reason;
    private final Language language;
    private final Merchant merchant;
    private final String terminal;
    private final String operator;
    private final String acquirer;
    private final String issuer;
    private final String network;
    private final Card card;
    private final Money amount;
    private final Money tip;
    private final String batch;
    private final String voucher;
    private final String reference;
    private final String authorisation;
    private final String time;
    private final OriginalTransaction original;
    private final EmvData emv;
    private final Verification verification;
    private final String remarks;

    private Slip(Builder from) {
        type = Required.of("Slip", "type", from.type);
        result = from.result;
        reason = from.reason;
        language = from.language;
        merchant = Required.of("Slip", "merchant", from.merchant);
        terminal = Required.of("Slip", "terminal", from.terminal);
        operator = from.operator;
        acquirer = from.acquirer;
        issuer = from.issuer;
        network = from.network;
        card = from.card;
        amount = Required.of("Slip", "amount", from.amount);
        tip = from.tip;
        batch = from.batch;
        voucher = from.voucher;
        reference = from.reference;
        authorisation = from.authorisation;
        time = Required.of("Slip", "time", from.time);
        original = from.original;
        emv = from.emv;
        verification = from.verification;
        remarks = from.remarks;
        checkCurrency(amount.getCurrency());
    }

    /**
     * A builder with nothing set. Required: {@code type}, {@code merchant}, {@code terminal}, {@code amount},
     * {@code time}.
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
        to.type = type;
        to.result = result;
        to.reason = reason;
        to.language = language;
        to.merchant = merchant;
        to.terminal = terminal;
        to.operator = operator;
        to.acquirer = acquirer;
        to.issuer = issuer;
        to.network = network;
        to.card = card;
        to.amount = amount;
        to.tip = tip;
        to.batch = batch;
        to.voucher = voucher;
        to.reference = reference;
        to.authorisation = authorisation;
        to.time = time;
        to.original = original;
        to.emv = emv;
        to.verification = verification;
        to.remarks = remarks;
        return to;
    }

    /**
     * What was done.
     *
     * @return it
     */
    public @NotNull SlipType getType() {
        return type;
    }

    /**
     * How it ended. A declined slip needs a reason. Default: approved.
     *
     * @return it, or null if it is left out
     */
    public @Nullable SlipResult getResult() {
        return result;
    }

    /**
     * Why it was declined.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getReason() {
        return reason;
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
     * @return it
     */
    public @NotNull Merchant getMerchant() {
        return merchant;
    }

    /**
     * Terminal number (终端号).
     *
     * @return it
     */
    public @NotNull String getTerminal() {
        return terminal;
    }

    /**
     * Operator (操作员).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getOperator() {
        return operator;
    }

    /**
     * Acquirer (收单行).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAcquirer() {
        return acquirer;
    }

    /**
     * Issuer (发卡行).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getIssuer() {
        return issuer;
    }

    /**
     * Card organisation or wallet (卡组织).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getNetwork() {
        return network;
    }

    /**
     * The card.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Card getCard() {
        return card;
    }

    /**
     * What was paid, with the tip.
     *
     * @return it
     */
    public @NotNull Money getAmount() {
        return amount;
    }

    /**
     * The part of it that is a tip.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Money getTip() {
        return tip;
    }

    /**
     * Batch number (批次号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getBatch() {
        return batch;
    }

    /**
     * Voucher number (凭证号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getVoucher() {
        return voucher;
    }

    /**
     * Reference number (参考号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getReference() {
        return reference;
    }

    /**
     * Authorisation code (授权码).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAuthorisation() {
        return authorisation;
    }

    /**
     * Local date and time, such as 2026-11-27T14:32:05; an offset is allowed and not printed. It must exist
     * (2026-02-29 does not).
     *
     * @return it
     */
    public @NotNull String getTime() {
        return time;
    }

    /**
     * Must be there for void, completion and their voids.
     *
     * @return it, or null if it is left out
     */
    public @Nullable OriginalTransaction getOriginal() {
        return original;
    }

    /**
     * What the chip said, as it shall be printed.
     *
     * @return it, or null if it is left out
     */
    public @Nullable EmvData getEmv() {
        return emv;
    }

    /**
     * How the holder agreed. signature: a line to sign on, on the copies whose rule says so.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Verification getVerification() {
        return verification;
    }

    /**
     * Remarks (备注).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getRemarks() {
        return remarks;
    }

    /**
     * A currency code of ISO 4217.
     *
     * @return that of its amounts
     */
    public @NotNull String getCurrency() {
        return amount.getCurrency();
    }

    /** Every amount must be of one currency. */
    void checkCurrency(String currency) {
        Money.check("Slip.amount", amount, currency, false);
        Money.check("Slip.tip", tip, currency, false);
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("type", type.getWord());
        out.field("result", result == null ? null : result.getWord());
        out.field("reason", reason);
        out.field("language", language == null ? null : language.getWord());
        out.name("merchant");
        merchant.write(out);
        out.field("terminal", terminal);
        out.field("operator", operator);
        out.field("acquirer", acquirer);
        out.field("issuer", issuer);
        out.field("network", network);
        if (card != null) {
            out.name("card");
            card.write(out);
        }
        out.field("currency", getCurrency());
        out.field("amount", amount.getMinor());
        out.field("tip", tip == null ? null : tip.getMinor());
        out.field("batch", batch);
        out.field("voucher", voucher);
        out.field("reference", reference);
        out.field("authorisation", authorisation);
        out.field("time", time);
        if (original != null) {
            out.name("original");
            original.write(out);
        }
        if (emv != null) {
            out.name("emv");
            emv.write(out);
        }
        out.field("verification", verification == null ? null : verification.getWord());
        out.field("remarks", remarks);
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Slip)) {
            return false;
        }
        Slip that = (Slip) other;
        return Objects.equals(type, that.type)
                && Objects.equals(result, that.result)
                && Objects.equals(reason, that.reason)
                && Objects.equals(language, that.language)
                && Objects.equals(merchant, that.merchant)
                && Objects.equals(terminal, that.terminal)
                && Objects.equals(operator, that.operator)
                && Objects.equals(acquirer, that.acquirer)
                && Objects.equals(issuer, that.issuer)
                && Objects.equals(network, that.network)
                && Objects.equals(card, that.card)
                && Objects.equals(amount, that.amount)
                && Objects.equals(tip, that.tip)
                && Objects.equals(batch, that.batch)
                && Objects.equals(voucher, that.voucher)
                && Objects.equals(reference, that.reference)
                && Objects.equals(authorisation, that.authorisation)
                && Objects.equals(time, that.time)
                && Objects.equals(original, that.original)
                && Objects.equals(emv, that.emv)
                && Objects.equals(verification, that.verification)
                && Objects.equals(remarks, that.remarks);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, result, reason, language, merchant, terminal, operator, acquirer, issuer,
                network, card, amount, tip, batch, voucher, reference, authorisation, time, original,
                emv, verification, remarks);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Slip")
                .add("type", type)
                .add("result", result)
                .add("reason", reason)
                .add("language", language)
                .add("merchant", merchant)
                .add("terminal", terminal)
                .add("operator", operator)
                .add("acquirer", acquirer)
                .add("issuer", issuer)
                .add("network", network)
                .add("card", card)
                .add("amount", amount)
                .add("tip", tip)
                .add("batch", batch)
                .add("voucher", voucher)
                .add("reference", reference)
                .add("authorisation", authorisation)
                .add("time", time)
                .add("original", original)
                .add("emv", emv)
                .add("verification", verification)
                .add("remarks", remarks)
                .toString();
    }

    /** Builds a {@link Slip}. Not for several threads at once. */
    public static final class Builder {
        private SlipType type;
        private SlipResult result;
        private String reason;
        private Language language;
        private Merchant merchant;
        private String terminal;
        private String operator;
        private String acquirer;
        private String issuer;
        private String network;
        private Card card;
        private Money amount;
        private Money tip;
        private String batch;
        private String voucher;
        private String reference;
        private String authorisation;
        private String time;
        private OriginalTransaction original;
        private EmvData emv;
        private Verification verification;
        private String remarks;

        private Builder() {}

        /**
         * What was done.
         *
         * @param type the value
         * @return this
         */
        public @NotNull Builder type(@NotNull SlipType type) {
            this.type = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * How it ended. A declined slip needs a reason. Default: approved.
         *
         * @param result the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder result(@Nullable SlipResult result) {
            this.result = result;
            return this;
        }

        /**
         * Why it was declined.
         *
         * @param reason the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reason(@Nullable String reason) {
            this.reason = reason;
            return this;
        }

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
         * @param merchant the value
         * @return this
         */
        public @NotNull Builder merchant(@NotNull Merchant merchant) {
            this.merchant = Objects.requireNonNull(merchant, "merchant");
            return this;
        }

        /**
         * Terminal number (终端号).
         *
         * @param terminal the value
         * @return this
         */
        public @NotNull Builder terminal(@NotNull String terminal) {
            this.terminal = Objects.requireNonNull(terminal, "terminal");
            return this;
        }

        /**
         * Operator (操作员).
         *
         * @param operator the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder operator(@Nullable String operator) {
            this.operator = operator;
            return this;
        }

        /**
         * Acquirer (收单行).
         *
         * @param acquirer the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder acquirer(@Nullable String acquirer) {
            this.acquirer = acquirer;
            return this;
        }

        /**
         * Issuer (发卡行).
         *
         * @param issuer the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder issuer(@Nullable String issuer) {
            this.issuer = issuer;
            return this;
        }

        /**
         * Card organisation or wallet (卡组织).
         *
         * @param network the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder network(@Nullable String network) {
            this.network = network;
            return this;
        }

        /**
         * The card.
         *
         * @param card the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder card(@Nullable Card card) {
            this.card = card;
            return this;
        }

        /**
         * What was paid, with the tip.
         *
         * @param amount the value
         * @return this
         */
        public @NotNull Builder amount(@NotNull Money amount) {
            this.amount = Objects.requireNonNull(amount, "amount");
            return this;
        }

        /**
         * The part of it that is a tip.
         *
         * @param tip the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder tip(@Nullable Money tip) {
            this.tip = tip;
            return this;
        }

        /**
         * Batch number (批次号).
         *
         * @param batch the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder batch(@Nullable String batch) {
            this.batch = batch;
            return this;
        }

        /**
         * Voucher number (凭证号).
         *
         * @param voucher the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder voucher(@Nullable String voucher) {
            this.voucher = voucher;
            return this;
        }

        /**
         * Reference number (参考号).
         *
         * @param reference the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reference(@Nullable String reference) {
            this.reference = reference;
            return this;
        }

        /**
         * Authorisation code (授权码).
         *
         * @param authorisation the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder authorisation(@Nullable String authorisation) {
            this.authorisation = authorisation;
            return this;
        }

        /**
         * Local date and time, such as 2026-11-27T14:32:05; an offset is allowed and not printed. It must exist
         * (2026-02-29 does not).
         *
         * @param time the value
         * @return this
         */
        public @NotNull Builder time(@NotNull String time) {
            this.time = Objects.requireNonNull(time, "time");
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
         * Must be there for void, completion and their voids.
         *
         * @param original the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder original(@Nullable OriginalTransaction original) {
            this.original = original;
            return this;
        }

        /**
         * What the chip said, as it shall be printed.
         *
         * @param emv the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder emv(@Nullable EmvData emv) {
            this.emv = emv;
            return this;
        }

        /**
         * How the holder agreed. signature: a line to sign on, on the copies whose rule says so.
         *
         * @param verification the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder verification(@Nullable Verification verification) {
            this.verification = verification;
            return this;
        }

        /**
         * Remarks (备注).
         *
         * @param remarks the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder remarks(@Nullable String remarks) {
            this.remarks = remarks;
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
        public @NotNull Slip build() {
            return new Slip(this);
        }
    }
}
