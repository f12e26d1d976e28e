package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** Which barcode. */
public enum BarcodeType {
    /** Code 128. */
    CODE128("code128"),
    /** Code 39. */
    CODE39("code39"),
    /** Interleaved 2 of 5. */
    ITF("itf"),
    /** Codabar. */
    CODABAR("codabar"),
    /** EAN-13. */
    EAN13("ean13"),
    /** EAN-8. */
    EAN8("ean8"),
    /** UPC-A. */
    UPC_A("upc-a");

    private final String word;

    BarcodeType(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code code128}
     */
    public @NotNull String getWord() {
        return word;
    }
}
