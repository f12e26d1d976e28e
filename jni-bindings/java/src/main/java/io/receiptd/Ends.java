package io.receiptd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Futures that wait for the end of jobs.
 *
 * <p>First the daemon is asked what the job is, then to watch as little as lets it through, and then once more what it is,
 * so that an end in between is not lost; whenever something may have been missed, what is still waited for is asked
 * again. An app that sees everybody's jobs, or has many of its own, is not woken by those that it does not wait for.
 * Everything runs in the connection's {@link Connection#events}.
 */
final class Ends {
    private final Connection connection;
    private final Watches watches;
    private final Map<Long, Waiting> waiting = new HashMap<>();
    /** Lets every job through that is waited for and known to be under way; null: there is none. */
    private JobFilter wanted;
    /** The watch for {@link #wanted}; null: none. */
    private Watches.Entry watch;
    /** The one that is there already, until {@link #watch} is; null: none. */
    private Watches.Entry narrower;

    Ends(Connection connection, Watches watches) {
        this.connection = connection;
        this.watches = watches;
    }

    /**
     * Adds to those who wait for the end of a job; may be called on any thread.
     *
     * @return a future that is completed in {@link Connection#events} with the job as it ended; to end it
     *     otherwise takes it back
     */
    CompletableFuture<Job> whenDone(long id) {
        CompletableFuture<Job> future = new CompletableFuture<>();
        connection.events.execute(() -> add(id, future));
        // Taken back by whoever waits: nobody needs to be asked for it any more.
        future.whenComplete((job, error) -> connection.events.execute(() -> takeBack(id, future)));
        return future;
    }

    private void add(long id, CompletableFuture<Job> future) {
        if (future.isDone()) {
            return;
        }
        Waiting job = waiting.get(id);
        boolean first = job == null;
        if (first) {
            job = new Waiting(id);
            waiting.put(id, job);
        }
        job.futures.add(future);
        if (first) {
            job.ask();
        }
    }

    /** Sees that the daemon tells of a job, and that whoever waits for it asks for it once more from then on. */
    private void listenTo(Waiting waiting, Job job) {
        if (wanted != null && wanted.matches(job)) {
            // It was asked for too early. If the watch is not there yet, all are asked for when it is.
            if (watch.isReady()) {
                waiting.ask();
            }
            return;
        }
        wanted = wanted == null ? only(job) : both(wanted, only(job));
        Watches.Entry wider = watches.add(wanted, Runnable::run, new Told());
        if (watch != null && watch.isReady()) {
            leaveNarrower();
            narrower = watch;
        } else if (watch != null) {
            watch.close();
        }
        watch = wider;
        wider.ready.whenComplete((nothing, error) -> connection.events.execute(() -> {
            if (watch == wider) {
                began(error);
            }
        }));
    }

    private void began(Throwable error) {
        leaveNarrower();
        if (error == null) {
            askAll();
            return;
        }
        watch = null;
        wanted = null;
        for (Waiting job : new ArrayList<>(waiting.values())) {
            job.fail(error);
        }
    }

    private void leaveNarrower() {
        if (narrower != null) {
            narrower.close();
            narrower = null;
        }
    }

    /** Nothing but this job, and others of its key that were accepted in the same millisecond. */
    private static JobFilter only(Job job) {
        return JobFilter.builder().key(job.getKey()).ownerUid(job.getOwnerUid()).sinceMs(job.getAcceptedMs())
                .untilMs(job.getAcceptedMs() + 1).build();
    }

    /** Open at its end: who waits for several jobs will wait for the next one too, which then needs no other filter. */
    private static JobFilter both(JobFilter one, JobFilter other) {
        return Watches.union(one, other).toBuilder().untilMs(null).build();
    }

    /** Runs in the events themselves: it is told in order, and does not block. */
    private final class Told implements JobListener {
        @Override
        public void onJobChanged(Job job) {
            if (job.hasEnded()) {
                ended(job);
            }
        }

        @Override
        public void onMissed(String why) {
            askAll();
        }
    }

    private void askAll() {
        for (Waiting job : new ArrayList<>(waiting.values())) {
            job.ask();
        }
    }

    private void ended(Job job) {
        Waiting done = waiting.remove(job.getId());
        if (done != null) {
            for (CompletableFuture<Job> future : done.futures) {
                future.complete(job);
            }
            restIfIdle();
        }
    }

    private void takeBack(long id, CompletableFuture<Job> future) {
        Waiting job = waiting.get(id);
        if (job != null && job.futures.remove(future) && job.futures.isEmpty()) {
            waiting.remove(id);
            restIfIdle();
        }
    }

    private void restIfIdle() {
        if (!waiting.isEmpty() || watch == null) {
            return;
        }
        watch.close();
        watch = null;
        wanted = null;
        leaveNarrower();
    }

    /** One job that is waited for. */
    private final class Waiting {
        final List<CompletableFuture<Job>> futures = new ArrayList<>();
        private final long id;
        private final Backoff backoff = new Backoff();
        private boolean asking;
        private boolean again;

        Waiting(long id) {
            this.id = id;
        }

        void ask() {
            if (asking) {
                again = true;
                return;
            }
            asking = true;
            again = false;
            JobFilter heard = watch != null && watch.isReady() ? watch.what : null;
            connection.startInside(Operation.GET_JOB, new FrameWriter().u64(id).frame(), Job::read)
                    .whenComplete((job, error) -> connection.events.execute(() -> answered(job, error, heard)));
        }

        /** {@code heard} is what the daemon told of when it was asked. */
        private void answered(Job job, Throwable error, JobFilter heard) {
            asking = false;
            if (waiting.get(id) != this) {
                return;
            }
            if (job != null && job.hasEnded()) {
                ended(job);
            } else if (job != null) {
                backoff.reset();
                if (heard == null || !heard.matches(job)) {
                    listenTo(this, job);
                } else if (again) {
                    ask();
                }
            } else if (isPassing(error)) {
                Threads.later(backoff.nextMs(), () -> connection.events.execute(() -> {
                    if (waiting.get(id) == this) {
                        ask();
                    }
                }));
            } else {
                fail(error);
            }
        }

        void fail(Throwable error) {
            waiting.remove(id);
            for (CompletableFuture<Job> future : futures) {
                future.completeExceptionally(error);
            }
            restIfIdle();
        }

        /** While a decision about the job is not on the disk yet, the daemon tells nobody what the job is. */
        private boolean isPassing(Throwable error) {
            if (error instanceof ReceiptException) {
                ReceiptException.Code code = ((ReceiptException) error).getCode();
                if (code == ReceiptException.Code.STORE_FULL || code == ReceiptException.Code.STORE_FAILED) {
                    return true;
                }
            }
            return Backoff.isPassing(error);
        }
    }
}
