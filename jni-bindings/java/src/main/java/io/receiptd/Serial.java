package io.receiptd;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after another, in the order in which they came, on another executor.
 *
 * <p>It holds no thread while there is nothing to do. A task that throws is logged and the next one runs. If the
 * executor refuses (an app shut its own down), what waits is dropped and {@link #execute} throws as it does.
 */
final class Serial implements Executor {
    private final Executor executor;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    Serial(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (waiting) {
            waiting.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            synchronized (waiting) {
                waiting.clear();
                running = false;
            }
            throw e;
        }
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException | AssertionError | LinkageError e) {
                NativeLog.failed("a callback", e);
            }
        }
    }

    private Runnable next() {
        synchronized (waiting) {
            Runnable task = waiting.poll();
            if (task == null) {
                running = false;
            }
            return task;
        }
    }
}
