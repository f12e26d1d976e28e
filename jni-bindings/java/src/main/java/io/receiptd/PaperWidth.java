package io.receiptd;

import org.jetbrains.annotations.NotNull;

/** How wide the paper is; sets what follows from it. */
public enum PaperWidth {
    /** 58 mm, thermal: 384 dots, 32 characters, no cutter. */
    MM_58("58mm"),
    /** 76 mm, for impact printers with nine pins: 400 dots. */
    MM_76("76mm"),
    /** 80 mm, thermal: 576 dots, 48 characters, partial cut. */
    MM_80("80mm");

    private final String word;

    PaperWidth(String word) {
        this.word = word;
    }

    /**
     * The word in the configuration.
     *
     * @return for example {@code 80mm}
     */
    public @NotNull String getWord() {
        return word;
    }
}
