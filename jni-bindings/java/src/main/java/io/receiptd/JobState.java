package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * What a job is right now.
 *
 * <p>A word of a newer daemon reads as {@link #UNKNOWN}: treat it as something that you do not know yet.
 */
public enum JobState {
    /** Accepted, waiting for its turn. */
    QUEUED("queued"),
    /** Waits for a person: held by a caller, or uncertain under the policy {@code hold}. */
    HELD("held"),
    /** Bytes are on their way, or proof is awaited. */
    SENDING("sending"),
    /** It may or may not be on paper. */
    UNCERTAIN("uncertain"),
    /** The printer said it is on paper; {@code grade} tells how it said so. */
    PRINTED("printed"),
    /** All bytes were taken; the printer cannot say more. */
    SENT("sent"),
    /** A person said that it is on paper. */
    ATTESTED("attested"),
    /** Taken back before it was printed. */
    CANCELED("canceled"),
    /** Its time ran out before it was printed. */
    EXPIRED("expired"),
    /** A word that this version of the library does not know. */
    UNKNOWN("unknown");

    private final String word;

    JobState(String word) {
        this.word = word;
    }

    /**
     * The word on the wire, in logs and in {@code receiptctl}.
     *
     * @return for example {@code queued}
     */
    public @NotNull String getWord() {
        return word;
    }

    /**
     * Whether the job has ended: nothing more will happen to it by itself.
     *
     * @return true for {@link #PRINTED}, {@link #SENT}, {@link #ATTESTED}, {@link #CANCELED} and {@link
     *     #EXPIRED}
     */
    public boolean hasEnded() {
        switch (this) {
            case PRINTED:
            case SENT:
            case ATTESTED:
            case CANCELED:
            case EXPIRED:
                return true;
            default:
                return false;
        }
    }

    /**
     * Whether the job has ended with the receipt on paper, as far as the printer or a person can tell.
     *
     * @return true for {@link #PRINTED}, {@link #SENT} and {@link #ATTESTED}
     */
    public boolean isOnPaper() {
        return this == PRINTED || this == SENT || this == ATTESTED;
    }

    static JobState of(String word) {
        for (JobState value : values()) {
            if (value.word.equals(word)) {
                return value;
            }
        }
        return UNKNOWN;
    }

    static JobState read(FrameReader in) {
        return of(in.string());
    }
}
