package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** Whether text is printed in the own font of the printer, or drawn. */
public enum TextMode {
    /** In the font of the printer where it can. */
    NATIVE("native"),
    /** All of it is drawn. */
    RASTER("raster");

    private final String word;

    TextMode(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code native}
     */
    public @NotNull String getWord() {
        return word;
    }
}
