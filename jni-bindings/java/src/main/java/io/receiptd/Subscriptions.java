package io.receiptd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * All the listeners of one kind of one connection, and what the daemon is asked to tell because of them.
 *
 * <p>The daemon is asked one thing for all, in one call at a time. It is asked again while it can't be reached, and after
 * a while when it is busy; what it refuses is told to those who wait for it. Everything runs in the connection's {@link
 * Connection#events}, so there are no locks; only {@link Entry#closed} is looked at elsewhere.
 *
 * @param <F> what a listener wants to be told of
 * @param <L> the listener
 */
abstract class Subscriptions<F, L> {
    private final Connection connection;
    private final List<Entry> entries = new ArrayList<>();
    private final Backoff backoff = new Backoff();
    private boolean asking;
    private boolean lost;
    private Runnable retry;

    Subscriptions(Connection connection) {
        this.connection = connection;
    }

    /** What the daemon is to be asked. */
    static final class Wish {
        final int operation;
        final byte[] request;
        final Runnable granted;
        final Runnable notYet;

        /**
         * A call to be made.
         *
         * @param granted what is known once it was answered
         * @param notYet what is known when the daemon could not be asked, or was busy
         */
        Wish(int operation, byte[] request, Runnable granted, Runnable notYet) {
            this.operation = operation;
            this.request = request;
            this.granted = granted;
            this.notYet = notYet;
        }
    }

    /** What the daemon has to be asked so that it tells what these want; null if it does. */
    abstract Wish wish(List<Entry> wanted);

    /** Tells one that the daemon can't be reached. */
    abstract void tellLost(L listener, String why);

    /** Tells one that it can be reached again. */
    abstract void tellRestored(L listener);

    /** Tells one that it will be told nothing. */
    abstract void tellRefused(L listener, ReceiptException why);

    /** Adds a listener; may be called on any thread. */
    final Entry add(F what, Executor executor, L listener) {
        Entry entry = new Entry(what, executor, listener);
        connection.events.execute(() -> {
            if (!entry.closed) {
                entries.add(entry);
                settle();
            }
        });
        return entry;
    }

    /** The connection was lost, or is there again. */
    void connection(boolean there, String why) {
        if (!there) {
            lost(why);
            return;
        }
        if (lost) {
            lost = false;
            tellAll(this::tellRestored);
        }
        if (retry != null) {
            retry.run();
            retry = null;
            settle();
        }
    }

    /** Each one that listens now; who is told may close itself and others. */
    final List<Entry> entries() {
        return new ArrayList<>(entries);
    }

    final void tellAll(Consumer<L> what) {
        for (Entry entry : entries()) {
            entry.tell(what);
        }
    }

    private void lost(String why) {
        if (!lost) {
            lost = true;
            tellAll(listener -> tellLost(listener, why));
        }
    }

    /** Brings what the daemon tells to what is wanted. */
    private void settle() {
        if (asking || retry != null || connection.isClosed()) {
            return;
        }
        Wish wish = wish(entries);
        if (wish == null) {
            for (Entry entry : entries) {
                entry.ready.complete(null);
            }
            return;
        }
        asking = true;
        // Whoever wants nothing any more does not ask twice for it.
        boolean last = entries.isEmpty();
        connection.startInside(wish.operation, wish.request, in -> null).whenComplete((nothing, error) ->
                connection.events.execute(() -> {
                    asking = false;
                    if (error == null || last) {
                        granted(wish);
                    } else {
                        refused(wish, error instanceof CompletionException ? error.getCause() : error);
                    }
                }));
    }

    private void granted(Wish wish) {
        wish.granted.run();
        backoff.reset();
        if (lost) {
            connection(true, "");
        }
        settle();
    }

    private void refused(Wish wish, Throwable error) {
        if (Backoff.isPassing(error)) {
            wish.notYet.run();
            lost(String.valueOf(error.getMessage()));
            retry = Threads.later(backoff.nextMs(), () -> connection.events.execute(() -> {
                retry = null;
                settle();
            }));
            return;
        }
        // What is told already goes on; those who wait for more do not.
        for (Entry entry : entries()) {
            if (entry.ready.isDone()) {
                continue;
            }
            entry.ready.completeExceptionally(error);
            if (error instanceof ReceiptException) {
                entry.tell(listener -> tellRefused(listener, (ReceiptException) error));
            }
            entries.remove(entry);
        }
        settle();
    }

    /** One listener. */
    final class Entry implements Subscription {
        /** Completed in {@link Connection#events}. */
        final CompletableFuture<Void> ready = new CompletableFuture<>();
        final F what;
        private final Executor executor;
        private final L listener;
        private volatile boolean closed;

        private Entry(F what, Executor executor, L listener) {
            this.what = what;
            this.executor = executor;
            this.listener = listener;
        }

        /** Whether the daemon tells what this one wants, or did until the connection was lost. */
        boolean isReady() {
            return ready.isDone() && !ready.isCompletedExceptionally();
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
                if (entries.remove(this)) {
                    settle();
                }
            });
        }

        void tell(Consumer<L> what) {
            connection.tell(executor, () -> {
                if (!closed && !connection.isClosed()) {
                    what.accept(listener);
                }
            });
        }
    }
}
