package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What to do with a job of which nobody knows whether it was printed.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum UncertainPolicy {
    /** Print it again, marked as a duplicate. */
    REPRINT("reprint"),
    /** Wait for a person. */
    HOLD("hold"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    UncertainPolicy(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code reprint}
     */
    public @NotNull String getWord() {
        return word;
    }

    static UncertainPolicy of(String word) {
        for (UncertainPolicy value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static UncertainPolicy read(FrameReader in) {
        return of(in.string());
    }
}
