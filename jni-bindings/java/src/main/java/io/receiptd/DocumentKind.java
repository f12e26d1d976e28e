package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a document is.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum DocumentKind {
    /** The receipt model as JSON. */
    JSON("json"),
    /** UTF-8 text, printed line by line. */
    TEXT("text"),
    /** ESC/POS bytes, sent as they are. */
    RAW("raw"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    DocumentKind(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code json}
     */
    public @NotNull String getWord() {
        return word;
    }

    static DocumentKind of(String word) {
        for (DocumentKind value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static DocumentKind read(FrameReader in) {
        return of(in.string());
    }
}
