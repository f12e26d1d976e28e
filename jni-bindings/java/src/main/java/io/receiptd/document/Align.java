package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** Where something stands on the paper. */
public enum Align {
    /** At the left edge. */
    LEFT("left"),
    /** In the middle. */
    CENTER("center"),
    /** At the right edge. */
    RIGHT("right");

    private final String word;

    Align(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code left}
     */
    public @NotNull String getWord() {
        return word;
    }
}
