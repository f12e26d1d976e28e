package io.receiptd;

/** How long to wait before asking again, what makes sense to ask again. */
final class Backoff {
    private static final long FIRST_MS = 200;
    private static final long LAST_MS = 5_000;

    private long nextMs = FIRST_MS;

    /** The next wait in ms: 200, then twice as long each time up to 5 s. */
    long nextMs() {
        long now = nextMs;
        nextMs = Math.min(2 * nextMs, LAST_MS);
        return now;
    }

    void reset() {
        nextMs = FIRST_MS;
    }

    /** Whether the daemon could not be asked, or is busy: it can be by and by. */
    static boolean isPassing(Throwable error) {
        if (!(error instanceof ReceiptException)) {
            return false;
        }
        switch (((ReceiptException) error).getCode()) {
            case DISCONNECTED:
            case NOT_RUNNING:
            case TIMED_OUT:
            case BUSY:
            case SHUTTING_DOWN:
                return true;
            default:
                return false;
        }
    }
}
