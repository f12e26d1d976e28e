package io.receiptd;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The library's own threads: daemons, made when there is something to do, gone when there is not. */
final class Threads {
    /** How long an idle thread stays. */
    private static final long IDLE_SECONDS = 2;

    /** Runs what is handed over, each at once; users put a {@link Serial} before it. */
    static final Executor POOL = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS,
            new SynchronousQueue<>(), new Daemons("receiptd-callback-"));

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private Threads() {}

    /** Runs {@code task} in {@code delayMs} ms; it must return at once. What is given back takes it back. */
    static Runnable later(long delayMs, Runnable task) {
        Future<?> future = CLOCK.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, new Daemons("receiptd-clock-"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        return clock;
    }

    private static final class Daemons implements ThreadFactory {
        private final String prefix;
        private final AtomicInteger count = new AtomicInteger();

        Daemons(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Thread newThread(Runnable task) {
            Thread thread = new Thread(null, task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }
}
