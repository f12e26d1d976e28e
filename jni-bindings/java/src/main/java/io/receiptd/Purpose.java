package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a document is printed for, if not for a customer.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum Purpose {
    /** Somebody learns to use the terminal. */
    TRAINING("training"),
    /** The terminal, the app or the printer is tried out. */
    TEST("test"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    Purpose(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code training}
     */
    public @NotNull String getWord() {
        return word;
    }

    static Purpose of(String word) {
        for (Purpose value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static Purpose read(FrameReader in) {
        return of(in.string());
    }
}
