package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * The grade of the evidence, best first.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum Grade {
    /** Echoed ids and counters that rose. */
    A_PLUS("A+"),
    /** Echoed ids. */
    A("A"),
    /** An in-order status reply. */
    B("B"),
    /** All bytes taken, healthy until the estimated end. */
    C("C"),
    /** All bytes taken. */
    D("D"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    Grade(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code A+}
     */
    public @NotNull String getWord() {
        return word;
    }

    static Grade of(String word) {
        for (Grade value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static Grade read(FrameReader in) {
        return of(in.string());
    }
}
