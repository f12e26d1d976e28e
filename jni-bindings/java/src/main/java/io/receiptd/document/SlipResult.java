package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How a card payment ended. */
public enum SlipResult {
    /** It went through. */
    APPROVED("approved"),
    /** It did not; a reason says why. */
    DECLINED("declined");

    private final String word;

    SlipResult(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code approved}
     */
    public @NotNull String getWord() {
        return word;
    }
}
