package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a printer is doing.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum PrinterState {
    /** Not connected. */
    ABSENT("absent"),
    /** Being opened. */
    OPENING("opening"),
    /** Late answers of an earlier session are being read. */
    DRAINING("draining"),
    /** What it can answer is being found out. */
    PROBING("probing"),
    /** Waiting for work. */
    READY("ready"),
    /** Printing. */
    PRINTING("printing"),
    /** Waiting for paper, a closed cover, or to cool down; goes on by itself. */
    PAUSED("paused"),
    /** Takes no bytes and says nothing. */
    STALLED("stalled"),
    /** Waiting before the next attempt to open it. */
    BACKING_OFF("backing-off"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    PrinterState(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code absent}
     */
    public @NotNull String getWord() {
        return word;
    }

    static PrinterState of(String word) {
        for (PrinterState value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static PrinterState read(FrameReader in) {
        return of(in.string());
    }
}
