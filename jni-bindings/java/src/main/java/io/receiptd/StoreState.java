package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * Whether receipts can be stored.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum StoreState {
    /** They can. */
    OK("ok"),
    /** No room: nothing more is accepted until some is made. */
    FULL("full"),
    /** The disk failed: nothing more is accepted until the daemon is restarted and it works again. */
    FAILED("failed"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    StoreState(String word) {
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

    static StoreState of(String word) {
        for (StoreState value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static StoreState read(FrameReader in) {
        return of(in.string());
    }
}
