package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How a card was read. */
public enum CardEntry {
    /** By its chip. */
    CHIP("chip"),
    /** By radio. */
    CONTACTLESS("contactless"),
    /** By its stripe. */
    SWIPE("swipe"),
    /** Typed in. */
    MANUAL("manual"),
    /** By a QR code. */
    QR("qr");

    private final String word;

    CardEntry(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code chip}
     */
    public @NotNull String getWord() {
        return word;
    }
}
