package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How grey is printed. */
public enum Dither {
    /** Grey becomes a pattern of dots. */
    FLOYD_STEINBERG("floyd-steinberg"),
    /** Grey becomes black or white: for line drawings. */
    THRESHOLD("threshold");

    private final String word;

    Dither(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code floyd-steinberg}
     */
    public @NotNull String getWord() {
        return word;
    }
}
