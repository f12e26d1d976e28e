package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How much of a QR code may be unreadable. */
public enum QrLevel {
    /** About 7 % may be unreadable. */
    L("L"),
    /** About 15 %. */
    M("M"),
    /** About 25 %. */
    Q("Q"),
    /** About 30 %. */
    H("H");

    private final String word;

    QrLevel(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code L}
     */
    public @NotNull String getWord() {
        return word;
    }
}
