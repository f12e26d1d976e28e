package io.receiptd;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One native handle: its calls, the futures that wait for answers, and the upcalls in their order.
 *
 * <p>Native threads only put upcalls into {@link #events}; what is done with them runs there, one after another, on a
 * thread of {@link Threads}. Nothing of the app runs there: futures of the app are completed by its executor.
 */
final class Connection implements NativeBridge.Upcalls {
    /**
     * Calls that are started and not yet answered. The daemon takes 64 of one client at a time; half of them is
     * enough to keep it busy, and leaves room for calls that block. What is beyond waits here, in order.
     */
    private static final int MAX_UNDER_WAY = 32;

    /** How long native code lets a call take if it is not told otherwise. */
    static final long DEFAULT_TIMEOUT_MS = 30_000;

    /** Is told what is no answer; called in {@link #events}. */
    interface Listener {
        void jobChanged(Job job);

        void missed(String why);

        void printerChanged(PrinterInfo printer);

        void spoolerChanged(SpoolerInfo spooler);

        void connection(boolean there, String why);
    }

    final Serial events = new Serial(Threads.POOL);
    private final long handle;
    private final Executor callbacks;
    private final long timeoutMs;
    private final Listener listener;
    private final Map<Long, Pending<?>> pending = new ConcurrentHashMap<>();
    private final ArrayDeque<Pending<?>> waiting = new ArrayDeque<>();
    /** What the app waits for, so that it can be told when this is closed. */
    private final Set<CompletableFuture<?>> promised = ConcurrentHashMap.newKeySet();
    private int underWay;
    private long lastTicket;
    private volatile boolean closed;

    Connection(long handle, Executor callbacks, long timeoutMs, Listener listener) {
        this.handle = handle;
        this.callbacks = callbacks;
        this.timeoutMs = timeoutMs;
        this.listener = listener;
        NativeBridge.register(handle, this);
    }

    boolean isClosed() {
        return closed;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the printer is closed");
        }
    }

    long handle() {
        return handle;
    }

    long timeoutMs() {
        return timeoutMs;
    }

    /** Calls and waits for the answer, in this thread. */
    <T> T call(int operation, byte[] request, FrameReader.Item<T> answer) throws ReceiptException {
        checkOpen();
        byte[] frame = NativeBridge.call(handle, operation, timeoutMs, request);
        try {
            return decode(frame, answer);
        } catch (FrameReader.Broken e) {
            throw ReceiptException.protocol(e);
        }
    }

    /** Calls for the app: the future is completed by its executor, and when this is closed. */
    <T> CompletableFuture<T> start(int operation, byte[] request, FrameReader.Item<T> answer) {
        checkOpen();
        CompletableFuture<T> future = promise();
        enqueue(operation, request, answer).whenComplete((value, error) -> complete(future, value, error));
        return future;
    }

    /**
     * Calls for ourselves: the future is completed in {@link #events}, or in this thread if it could not be started.
     */
    <T> CompletableFuture<T> startInside(int operation, byte[] request, FrameReader.Item<T> answer) {
        return enqueue(operation, request, answer);
    }

    /** A future for the app that ends at the latest when this is closed. */
    <T> CompletableFuture<T> promise() {
        CompletableFuture<T> future = new CompletableFuture<>();
        promised.add(future);
        future.whenComplete((value, error) -> promised.remove(future));
        if (closed) {
            future.completeExceptionally(ReceiptException.closed());
        }
        return future;
    }

    /** Completes a future of the app, where the app wants it. */
    <T> void complete(CompletableFuture<T> future, T value, Throwable error) {
        callback(() -> {
            if (error == null) {
                future.complete(value);
            } else {
                future.completeExceptionally(error);
            }
        });
    }

    /** Calls a listener of the app by its executor; what that executor refuses is lost to this listener alone. */
    void tell(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            NativeLog.failed("the executor of a listener", e);
        }
    }

    /** Ends it. Idempotent; what waits is told in this thread, so that nothing waits when it returns. */
    void close() {
        synchronized (waiting) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
        }
        NativeBridge.close(handle);
        NativeBridge.unregister(handle);
        pending.clear();
        for (CompletableFuture<?> future : promised) {
            future.completeExceptionally(ReceiptException.closed());
        }
    }

    @Override
    public void upcall(int kind, long ticket, byte[] frame) {
        events.execute(() -> told(kind, ticket, frame));
    }

    private void told(int kind, long ticket, byte[] frame) {
        if (closed) {
            return;
        }
        switch (kind) {
            case NativeBridge.ANSWER:
                answered(ticket, answer -> answer.answered(frame));
                break;
            case NativeBridge.REFUSAL:
                answered(ticket, answer -> answer.future.completeExceptionally(refusal(frame)));
                break;
            case NativeBridge.JOB_CHANGED:
                listener.jobChanged(decode(frame, Job::read));
                break;
            case NativeBridge.WATCH_LOST:
                listener.missed(decode(frame, FrameReader::string));
                break;
            case NativeBridge.PRINTER_CHANGED:
                listener.printerChanged(decode(frame, PrinterInfo::read));
                break;
            case NativeBridge.SPOOLER_CHANGED:
                listener.spoolerChanged(decode(frame, SpoolerInfo::read));
                break;
            case NativeBridge.CONNECTION:
                FrameReader in = new FrameReader(frame);
                boolean there = in.bool();
                listener.connection(there, in.string());
                break;
            default:
                break;
        }
    }

    private void answered(long ticket, Consumer<Pending<?>> how) {
        Pending<?> call = pending.remove(ticket);
        if (call == null) {
            return;
        }
        finished(call);
        how.accept(call);
    }

    private <T> CompletableFuture<T> enqueue(int operation, byte[] request, FrameReader.Item<T> answer) {
        Pending<T> call = new Pending<>(operation, request, answer);
        synchronized (waiting) {
            if (closed) {
                call.future.completeExceptionally(ReceiptException.closed());
                return call.future;
            }
            waiting.add(call);
        }
        startWaiting();
        return call.future;
    }

    private void finished(Pending<?> call) {
        call.stopClock.run();
        synchronized (waiting) {
            underWay--;
        }
        startWaiting();
    }

    /** Starts in the order of the calls; a call that can't be started is told outside of the lock. */
    private void startWaiting() {
        while (true) {
            Pending<?> call;
            Throwable refused = null;
            synchronized (waiting) {
                if (closed || underWay >= MAX_UNDER_WAY || waiting.isEmpty()) {
                    return;
                }
                call = waiting.poll();
                long ticket = ++lastTicket;
                pending.put(ticket, call);
                try {
                    NativeBridge.start(handle, call.operation, ticket, call.request);
                    underWay++;
                    if (timeoutMs < DEFAULT_TIMEOUT_MS) {
                        call.stopClock = Threads.later(timeoutMs, () -> events.execute(() -> late(ticket)));
                    }
                } catch (ReceiptException | IllegalStateException e) {
                    pending.remove(ticket);
                    refused = e;
                }
            }
            if (refused != null) {
                call.future.completeExceptionally(refused);
            }
        }
    }

    /** The time of this printer is over; that of native code is not, and its answer will find nobody. */
    private void late(long ticket) {
        answered(ticket, call -> call.future.completeExceptionally(ReceiptException.timedOut(timeoutMs)));
    }

    private void callback(Runnable task) {
        try {
            callbacks.execute(task);
        } catch (RejectedExecutionException e) {
            // The app shut its executor down. A future that never ends would be worse than one that ends here.
            task.run();
        }
    }

    private static <T> T decode(byte[] frame, FrameReader.Item<T> item) {
        FrameReader in = new FrameReader(frame);
        T value = item.read(in);
        in.end();
        return value;
    }

    private static Throwable refusal(byte[] frame) {
        try {
            FrameReader in = new FrameReader(frame);
            String code = in.string();
            String message = in.string();
            String messageZh = in.string();
            return new ReceiptException(code, message, messageZh, in.string());
        } catch (FrameReader.Broken e) {
            return ReceiptException.protocol(e);
        }
    }

    /** A call that is not answered yet. */
    private static final class Pending<T> {
        final int operation;
        final byte[] request;
        final CompletableFuture<T> future = new CompletableFuture<>();
        volatile Runnable stopClock = () -> { };
        private final FrameReader.Item<T> answer;

        Pending(int operation, byte[] request, FrameReader.Item<T> answer) {
            this.operation = operation;
            this.request = request;
            this.answer = answer;
        }

        void answered(byte[] frame) {
            T value;
            try {
                value = decode(frame, answer);
            } catch (FrameReader.Broken e) {
                future.completeExceptionally(ReceiptException.protocol(e));
                return;
            }
            future.complete(value);
        }
    }
}
