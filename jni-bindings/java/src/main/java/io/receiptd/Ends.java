package io.receiptd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Futures that wait for the end of jobs.
 *
 * <p>First the daemon is asked to watch, then what the job is, so that an end between the two is not lost; whenever
 * something may have been missed, what is still waited for is asked again. Everything runs in the connection's
 * {@link Connection#events}.
 */
final class Ends {
    private final Connection connection;
    private final Watches watches;
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private Watches.Entry watch;

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
        if (watch == null) {
            begin();
        } else if (first && watch.ready.isDone()) {
            job.ask();
        }
    }

    /** The listener runs in the events themselves: it is told in order, and does not block. */
    private void begin() {
        Watches.Entry begun = watches.add(JobFilter.builder().build(), Runnable::run, new JobListener() {
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
        });
        watch = begun;
        begun.ready.whenComplete((nothing, error) -> connection.events.execute(() -> {
            if (watch != begun) {
                return;
            }
            if (error == null) {
                askAll();
            } else {
                watch = null;
                for (Waiting job : new ArrayList<>(waiting.values())) {
                    job.fail(error);
                }
            }
        }));
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
        if (waiting.isEmpty() && watch != null) {
            watch.close();
            watch = null;
        }
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
            connection.startInside(Operation.GET_JOB, new FrameWriter().u64(id).frame(), Job::read)
                    .whenComplete((job, error) -> connection.events.execute(() -> answered(job, error)));
        }

        private void answered(Job job, Throwable error) {
            asking = false;
            if (waiting.get(id) != this) {
                return;
            }
            if (job != null && job.hasEnded()) {
                ended(job);
            } else if (job != null) {
                backoff.reset();
                if (again) {
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
