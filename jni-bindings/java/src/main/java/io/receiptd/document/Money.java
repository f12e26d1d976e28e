package io.receiptd.document;

import java.util.Locale;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/**
 * An amount of money: a whole number of minor units, and the currency. Immutable.
 *
 * <p>12800 of {@code CNY} is ¥128.00, 500 of {@code JPY} is ¥500, 1500 of {@code KWD} is 1.500 dinar. There are no
 * fractions of a minor unit and no floating point.
 */
public final class Money {
    /** What a document can hold, in minor units. */
    private static final long MAX_MINOR = 999_999_999_999L;

    private final long minor;
    private final String currency;

    private Money(long minor, String currency) {
        this.minor = minor;
        this.currency = currency;
    }

    /**
     * An amount.
     *
     * @param minor    minor units of the currency; below zero only where a document allows it (rounding)
     * @param currency its code in ISO 4217, for example {@code CNY}
     * @return the amount
     * @throws IllegalArgumentException if the code is not three capital letters, or the amount is beyond
     *     999,999,999,999 minor units
     */
    public static @NotNull Money of(long minor, @NotNull String currency) {
        if (!currency.matches("[A-Z]{3}")) {
            throw new IllegalArgumentException("a currency is three capital letters of ISO 4217, such as CNY");
        }
        if (minor < -MAX_MINOR || minor > MAX_MINOR) {
            throw new IllegalArgumentException("an amount is at most 999,999,999,999 minor units");
        }
        return new Money(minor, currency);
    }

    /**
     * An amount in renminbi.
     *
     * @param fen a hundredth of a yuan each
     * @return the amount
     * @throws IllegalArgumentException if it is beyond 999,999,999,999 fen
     */
    public static @NotNull Money cny(long fen) {
        return of(fen, "CNY");
    }

    /**
     * How much.
     *
     * @return in minor units
     */
    public long getMinor() {
        return minor;
    }

    /**
     * Of which currency.
     *
     * @return its code in ISO 4217
     */
    public @NotNull String getCurrency() {
        return currency;
    }

    /**
     * The sum of this and another amount of the same currency.
     *
     * @param other what is added
     * @return the sum
     * @throws IllegalArgumentException if the currencies differ, or the sum is too large
     */
    public @NotNull Money plus(@NotNull Money other) {
        same(other);
        return of(minor + other.minor, currency);
    }

    /**
     * The difference of this and another amount of the same currency.
     *
     * @param other what is taken away
     * @return the difference
     * @throws IllegalArgumentException if the currencies differ, or the difference is too large
     */
    public @NotNull Money minus(@NotNull Money other) {
        same(other);
        return of(minor - other.minor, currency);
    }

    /**
     * This amount so many times.
     *
     * @param count how many
     * @return the product
     * @throws IllegalArgumentException if it is too large
     */
    public @NotNull Money times(int count) {
        // At most 10^12 * 2^31, which does not fit: the bound is checked before it can overflow.
        if (count != 0 && Math.abs(minor) > MAX_MINOR / Math.abs((long) count)) {
            throw new IllegalArgumentException("an amount is at most 999,999,999,999 minor units");
        }
        return of(minor * count, currency);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Money && minor == ((Money) other).minor && currency.equals(((Money) other).currency);
    }

    @Override
    public int hashCode() {
        return Objects.hash(minor, currency);
    }

    /**
     * The number of minor units and the currency.
     *
     * @return for example {@code 12800 CNY/minor}
     */
    @Override
    public @NotNull String toString() {
        return String.format(Locale.ROOT, "%d %s/minor", minor, currency);
    }

    /** That {@code money}, if there is one, is of {@code currency}, and not below zero unless {@code signed}. */
    static void check(String what, Money money, String currency, boolean signed) {
        if (money == null) {
            return;
        }
        if (!money.currency.equals(currency)) {
            throw new IllegalArgumentException(what + " is in " + money.currency + ", the whole in " + currency);
        }
        if (money.minor < 0 && !signed) {
            throw new IllegalArgumentException(what + " is below zero");
        }
    }

    private void same(Money other) {
        if (!currency.equals(other.currency)) {
            throw new IllegalArgumentException(currency + " and " + other.currency + " can't be reckoned together");
        }
    }
}
