package io.receiptd;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Puts what native code logs into {@code java.util.logging}, logger {@code io.receiptd}; on Android that is logcat. */
final class NativeLog {
    static final Logger LOGGER = Logger.getLogger("io.receiptd");

    /** Lines that may wait for a slow handler; what is beyond is left out. */
    private static final int MAX_WAITING = 1000;

    private static final Serial WRITER = new Serial(Threads.POOL);
    private static final AtomicInteger WAITING = new AtomicInteger();

    private NativeLog() {}

    /** Called in the midst of native code: decides and hands over. */
    static void line(byte[] frame) {
        FrameReader in = new FrameReader(frame);
        Level level = level(in.string());
        if (!LOGGER.isLoggable(level)) {
            return;
        }
        String target = in.string();
        String text = in.string();
        in.end();
        if (WAITING.incrementAndGet() > MAX_WAITING) {
            WAITING.decrementAndGet();
            return;
        }
        WRITER.execute(() -> {
            WAITING.decrementAndGet();
            LOGGER.logp(level, target, null, text);
        });
    }

    /** Something of the app, or of ours, threw where nobody could be told. */
    static void failed(String what, Throwable why) {
        LOGGER.log(Level.WARNING, what + " failed", why);
    }

    private static Level level(String word) {
        switch (word) {
            case "error":
                return Level.SEVERE;
            case "warn":
                return Level.WARNING;
            case "info":
                return Level.INFO;
            case "debug":
                return Level.FINE;
            default:
                return Level.FINEST;
        }
    }
}
