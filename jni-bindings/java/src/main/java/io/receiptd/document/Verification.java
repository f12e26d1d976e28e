package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How the holder of a card agreed. */
public enum Verification {
    /** A line to sign on, on the copies whose rule says so. */
    SIGNATURE("signature"),
    /** With a PIN. */
    PIN("pin"),
    /** On the own device. */
    DEVICE("device"),
    /** With a signature on the screen. */
    SIGNED_ON_SCREEN("signed-on-screen"),
    /** Not at all. */
    NONE("none");

    private final String word;

    Verification(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code signature}
     */
    public @NotNull String getWord() {
        return word;
    }
}
