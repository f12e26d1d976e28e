package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a printer knows of its paper.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum Paper {
    /** There is enough. */
    OK("ok"),
    /** It ends soon. */
    NEAR_END("near-end"),
    /** There is none. */
    OUT("out"),
    /** It does not say; or a word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    Paper(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code ok}
     */
    public @NotNull String getWord() {
        return word;
    }

    static Paper of(String word) {
        for (Paper value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static Paper read(FrameReader in) {
        return of(in.string());
    }
}
