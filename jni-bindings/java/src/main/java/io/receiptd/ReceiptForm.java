package io.receiptd;

import org.jetbrains.annotations.NotNull;

/** What a receipt without paper is made as. */
public enum ReceiptForm {
    /** Plain text in UTF-8, a line for a printed line, at the columns of the paper; a QR code as its data. */
    TEXT("text"),
    /** One HTML file without scripts and without anything from outside, for a phone or to be printed. */
    HTML("html"),
    /** A picture of the paper to the dot: black on white, 8 pixels to the millimetre. */
    PNG("png"),
    /** A document of the paper's size whose text can be searched and copied. */
    PDF("pdf");

    private final String word;

    ReceiptForm(String word) {
        this.word = word;
    }

    /**
     * The word that {@code receiptctl job --as} takes.
     *
     * @return for example {@code text}
     */
    public @NotNull String getWord() {
        return word;
    }
}
