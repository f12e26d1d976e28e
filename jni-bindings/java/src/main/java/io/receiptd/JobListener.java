package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * Is told what happens to jobs: {@link ReceiptPrinter#watch}.
 *
 * <p>One listener is called by its executor, never twice at the same time, in the order of events. It may block, which
 * holds up nobody else on another executor; it may throw, which is logged (logger {@code io.receiptd}); it may close
 * the subscription or the printer.
 */
public interface JobListener {
    /**
     * A job that the filter lets through changed.
     *
     * @param job what it is now, without its story
     */
    default void onJobChanged(@NotNull Job job) {}

    /**
     * Changes may have been missed, and from here on none are: ask again ({@link ReceiptPrinter#listJobsAsync}) for
     * what you must know. It is told after {@link #onConnectionRestored} too.
     *
     * @param why for logs, in English
     */
    default void onMissed(@NotNull String why) {}

    /**
     * The daemon watches no more for this listener and will not begin again: it refused, for example because too many
     * watch. The subscription is closed.
     *
     * @param why what it said
     */
    default void onWatchLost(@NotNull ReceiptException why) {}

    /**
     * The daemon can't be reached. Nothing needs to be done: it is tried until it can. Jobs that were accepted are
     * safe.
     *
     * @param why for logs, in English
     */
    default void onConnectionLost(@NotNull String why) {}

    /** The daemon can be reached again, and watches again. */
    default void onConnectionRestored() {}
}
