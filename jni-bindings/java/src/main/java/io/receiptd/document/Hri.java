package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** Where the data of a barcode stand in characters. */
public enum Hri {
    /** Nowhere. */
    NONE("none"),
    /** Above the bars. */
    ABOVE("above"),
    /** Below the bars. */
    BELOW("below"),
    /** Above and below. */
    BOTH("both");

    private final String word;

    Hri(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code none}
     */
    public @NotNull String getWord() {
        return word;
    }
}
