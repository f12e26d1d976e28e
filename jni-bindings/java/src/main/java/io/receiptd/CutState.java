package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What became of the cut after the body.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum CutState {
    /** Not yet proven. */
    PENDING("pending"),
    /** Proven. */
    OK("ok"),
    /** The cutter failed; the receipt itself may be fine. */
    FAULT("fault"),
    /** The printer cannot say; or a word that this version of the library does not know. */
    UNKNOWN("unknown"),
    /** No cut was asked for. */
    NONE("none");

    private final String word;

    CutState(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code pending}
     */
    public @NotNull String getWord() {
        return word;
    }

    static CutState of(String word) {
        for (CutState value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static CutState read(FrameReader in) {
        return of(in.string());
    }
}
