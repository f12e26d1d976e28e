package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a person saw, for {@code Resolve}.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum Outcome {
    /** The receipt is there. */
    PRINTED("printed"),
    /** It is not. */
    NOT_PRINTED("not-printed"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    Outcome(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code printed}
     */
    public @NotNull String getWord() {
        return word;
    }

    static Outcome of(String word) {
        for (Outcome value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static Outcome read(FrameReader in) {
        return of(in.string());
    }
}
