package io.receiptd;

import java.util.concurrent.CompletableFuture;

import org.jetbrains.annotations.NotNull;

/** A listener that is told of changes, until this is closed. */
public interface Subscription extends AutoCloseable {
    /**
     * When the daemon has begun to watch. Who wants to miss nothing asks for the present state after that.
     *
     * <p>While the daemon can't be reached, it stays open: it is tried again until it works. It fails with the
     * {@link ReceiptException} if the daemon refuses (too many watch), and if the printer or this is closed before.
     *
     * @return a future of its own each time; completed by the printer's callback executor
     */
    @NotNull CompletableFuture<Void> whenReady();

    /** Tells the listener no more. Does not block, may be called twice and inside the listener. */
    @Override
    void close();
}
