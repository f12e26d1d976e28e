package io.receiptd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * All the listeners for printers of one connection. The daemon tells changes while there is one; it is asked to in the
 * connection's {@link Connection#events}, where everything here runs.
 */
final class PrinterWatches {
    private final Connection connection;
    private final List<Watch> watches = new ArrayList<>();
    private final Backoff backoff = new Backoff();
    private boolean told;
    private boolean asking;
    private boolean lost;
    private Runnable retry;

    PrinterWatches(Connection connection) {
        this.connection = connection;
    }

    /** Adds a listener; may be called on any thread. */
    Watch add(Executor executor, PrinterListener listener) {
        Watch watch = new Watch(executor, listener);
        connection.events.execute(() -> {
            if (!watch.closed) {
                watches.add(watch);
                settle();
            }
        });
        return watch;
    }

    void printerChanged(PrinterInfo printer) {
        tell(listener -> listener.onPrinterChanged(printer));
    }

    void spoolerChanged(SpoolerInfo spooler) {
        tell(listener -> listener.onSpoolerChanged(spooler));
    }

    void connection(boolean there, String why) {
        if (!there) {
            lost(why);
            return;
        }
        lost = false;
        tell(PrinterListener::onConnectionRestored);
        if (retry != null) {
            retry.run();
            retry = null;
            settle();
        }
    }

    private void lost(String why) {
        if (!lost) {
            lost = true;
            tell(listener -> listener.onConnectionLost(why));
        }
    }

    private void settle() {
        boolean wanted = !watches.isEmpty();
        if (asking || retry != null || connection.isClosed()) {
            return;
        }
        if (wanted == told) {
            for (Watch watch : watches) {
                watch.ready.complete(null);
            }
            return;
        }
        asking = true;
        connection.startInside(Operation.TELL_PROPERTIES, new FrameWriter().bool(wanted).frame(), in -> null)
                .whenComplete((nothing, error) -> connection.events.execute(() -> answered(wanted, error)));
    }

    private void answered(boolean wanted, Throwable error) {
        asking = false;
        Throwable why = error instanceof CompletionException ? error.getCause() : error;
        if (why == null || !wanted) {
            told = wanted;
            backoff.reset();
            if (wanted && lost) {
                connection(true, "");
            }
            settle();
        } else if (Backoff.isPassing(why)) {
            lost(String.valueOf(why.getMessage()));
            retry = Threads.later(backoff.nextMs(), () -> connection.events.execute(() -> {
                retry = null;
                settle();
            }));
        } else {
            for (Watch watch : new ArrayList<>(watches)) {
                watch.ready.completeExceptionally(why);
                if (why instanceof ReceiptException) {
                    watch.tell(listener -> listener.onWatchLost((ReceiptException) why));
                }
            }
            watches.clear();
        }
    }

    private void tell(Consumer<PrinterListener> what) {
        for (Watch watch : new ArrayList<>(watches)) {
            watch.tell(what);
        }
    }

    /** One listener. */
    final class Watch implements Subscription {
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private final Executor executor;
        private final PrinterListener listener;
        private volatile boolean closed;

        private Watch(Executor executor, PrinterListener listener) {
            this.executor = executor;
            this.listener = listener;
        }

        @Override
        public CompletableFuture<Void> whenReady() {
            CompletableFuture<Void> future = connection.promise();
            ready.whenComplete((nothing, error) -> connection.complete(future, null, error));
            return future;
        }

        @Override
        public void close() {
            closed = true;
            connection.events.execute(() -> {
                ready.completeExceptionally(ReceiptException.closed());
                if (watches.remove(this)) {
                    settle();
                }
            });
        }

        private void tell(Consumer<PrinterListener> what) {
            connection.tell(executor, () -> {
                if (!closed && !connection.isClosed()) {
                    what.accept(listener);
                }
            });
        }
    }
}
