package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How to cut. */
public enum CutKind {
    /** A bridge is left. */
    PARTIAL("partial"),
    /** Through. */
    FULL("full");

    private final String word;

    CutKind(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code partial}
     */
    public @NotNull String getWord() {
        return word;
    }
}
