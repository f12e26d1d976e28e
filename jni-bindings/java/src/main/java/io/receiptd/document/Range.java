package io.receiptd.document;

/** Checks of numbers in builders. */
final class Range {
    private Range() {}

    static int check(String what, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + " is " + value + ", and must be from " + from + " to " + to);
        }
        return value;
    }

    static int either(String what, int value, int one, int other) {
        if (value != one && value != other) {
            throw new IllegalArgumentException(what + " is " + value + ", and must be " + one + " or " + other);
        }
        return value;
    }
}
