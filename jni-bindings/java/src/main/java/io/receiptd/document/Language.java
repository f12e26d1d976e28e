package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** The words around the fields. */
public enum Language {
    /** Chinese and English; English alone on a printer without Chinese. */
    ZH_EN("zh-en"),
    /** Chinese. */
    ZH("zh"),
    /** English. */
    EN("en");

    private final String word;

    Language(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code zh-en}
     */
    public @NotNull String getWord() {
        return word;
    }
}
