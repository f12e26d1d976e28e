package io.receiptd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * All the listeners for jobs of one connection, on the one watch that the daemon gives it.
 *
 * <p>The daemon is told one filter that lets through what any listener wants; each listener's own filter is applied
 * here. It is widened when a listener needs it, and given up with the last one. Everything runs in the connection's
 * {@link Connection#events}, so there are no locks; only {@link Watch#closed} is looked at elsewhere.
 */
final class Watches {
    private final Connection connection;
    private final List<Watch> watches = new ArrayList<>();
    private final Backoff backoff = new Backoff();
    /** What the daemon watches for us; null: nothing, or not known. */
    private JobFilter told;
    private boolean asking;
    private boolean lost;
    private Runnable retry;

    Watches(Connection connection) {
        this.connection = connection;
    }

    /** Adds a listener; may be called on any thread. */
    Watch add(JobFilter filter, Executor executor, JobListener listener) {
        Watch watch = new Watch(filter, executor, listener);
        connection.events.execute(() -> {
            if (!watch.closed) {
                watches.add(watch);
                settle();
            }
        });
        return watch;
    }

    void jobChanged(Job job) {
        for (Watch watch : copy()) {
            if (watch.filter.matches(job)) {
                watch.tell(listener -> listener.onJobChanged(job));
            }
        }
    }

    void missed(String why) {
        for (Watch watch : copy()) {
            watch.tell(listener -> listener.onMissed(why));
        }
    }

    void connection(boolean there, String why) {
        if (!there) {
            lost(why);
            return;
        }
        if (lost) {
            lost = false;
            for (Watch watch : copy()) {
                watch.tell(JobListener::onConnectionRestored);
            }
        }
        missed("the connection was lost for a while");
        if (retry != null) {
            retry.run();
            retry = null;
            settle();
        }
    }

    private void lost(String why) {
        if (lost) {
            return;
        }
        lost = true;
        for (Watch watch : copy()) {
            watch.tell(listener -> listener.onConnectionLost(why));
        }
    }

    /** Brings what the daemon watches to what is wanted, one call at a time. */
    private void settle() {
        if (asking || retry != null || connection.isClosed()) {
            return;
        }
        if (watches.isEmpty()) {
            if (told != null) {
                told = null;
                ask(Operation.UNWATCH, new byte[0], this::settle, error -> settle());
            }
            return;
        }
        JobFilter wanted = told;
        for (Watch watch : watches) {
            wanted = wanted == null ? bare(watch.filter) : union(wanted, watch.filter);
        }
        if (wanted.equals(told)) {
            for (Watch watch : watches) {
                watch.ready.complete(null);
            }
            return;
        }
        JobFilter now = wanted;
        FrameWriter out = new FrameWriter();
        now.write(out);
        ask(Operation.WATCH, out.frame(), () -> began(now), this::refused);
    }

    private void began(JobFilter filter) {
        told = filter;
        backoff.reset();
        if (lost) {
            connection(true, "");
        }
        settle();
    }

    private void refused(Throwable error) {
        if (Backoff.isPassing(error)) {
            told = null;
            lost(String.valueOf(error.getMessage()));
            retry = Threads.later(backoff.nextMs(), () -> connection.events.execute(() -> {
                retry = null;
                settle();
            }));
            return;
        }
        // What is watched already goes on; those who wait for it do not.
        for (Watch watch : copy()) {
            if (watch.ready.isDone()) {
                continue;
            }
            watch.ready.completeExceptionally(error);
            if (error instanceof ReceiptException) {
                watch.tell(listener -> listener.onWatchLost((ReceiptException) error));
            }
            watches.remove(watch);
        }
        settle();
    }

    private void ask(int operation, byte[] request, Runnable done, Consumer<Throwable> refused) {
        asking = true;
        connection.startInside(operation, request, in -> null).whenComplete((nothing, error) ->
                connection.events.execute(() -> {
                    asking = false;
                    if (error == null) {
                        done.run();
                    } else {
                        refused.accept(error instanceof CompletionException ? error.getCause() : error);
                    }
                }));
    }

    private List<Watch> copy() {
        return new ArrayList<>(watches);
    }

    /** The filter without what is for pages. */
    private static JobFilter bare(JobFilter filter) {
        return filter.toBuilder().newestFirst(null).limit(null).after(null).build();
    }

    /** A filter that lets through what either does. */
    static JobFilter union(JobFilter one, JobFilter other) {
        return JobFilter.builder()
                .printer(same(one.getPrinter(), other.getPrinter()))
                .state(same(one.getState(), other.getState()))
                .ownerUid(same(one.getOwnerUid(), other.getOwnerUid()))
                .sinceMs(one.getSinceMs() == null || other.getSinceMs() == null ? null
                        : (Long) Math.min(one.getSinceMs(), other.getSinceMs()))
                .untilMs(one.getUntilMs() == null || other.getUntilMs() == null ? null
                        : (Long) Math.max(one.getUntilMs(), other.getUntilMs()))
                .key(same(one.getKey(), other.getKey()))
                .activeOnly(same(one.getActiveOnly(), other.getActiveOnly()))
                .build();
    }

    private static <T> T same(T one, T other) {
        return one != null && one.equals(other) ? one : null;
    }

    /** One listener. */
    final class Watch implements Subscription {
        /** Completed in {@link Connection#events}. */
        final CompletableFuture<Void> ready = new CompletableFuture<>();
        private final JobFilter filter;
        private final Executor executor;
        private final JobListener listener;
        private volatile boolean closed;

        private Watch(JobFilter filter, Executor executor, JobListener listener) {
            this.filter = filter;
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

        private void tell(Consumer<JobListener> what) {
            connection.tell(executor, () -> {
                if (!closed && !connection.isClosed()) {
                    what.accept(listener);
                }
            });
        }
    }
}
