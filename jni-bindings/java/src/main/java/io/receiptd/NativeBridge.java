package io.receiptd;

import java.io.FileDescriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The whole native surface, as {@code jni-bindings/BOUNDARY.md} has it: numbers, strings and byte arrays only.
 *
 * <p>The native library finds this class and its methods by name; a shrinker must keep them (the library's consumer
 * rules say so). What the frames mean is told by {@link FrameReader} and those who use it.
 */
final class NativeBridge {
    /** The number of the boundary that these classes speak; native code looks at it. */
    static final int BOUNDARY = 2;

    /** Kind of upcall: the answer to {@link #start}. */
    static final int ANSWER = 1;
    /** Kind of upcall: the refusal of {@link #start}. */
    static final int REFUSAL = 2;
    /** Kind of upcall: a watched job changed. */
    static final int JOB_CHANGED = 3;
    /** Kind of upcall: the watch was renewed, and something may have been missed. */
    static final int WATCH_LOST = 4;
    /** Kind of upcall: a printer's properties changed, or a printer came. */
    static final int PRINTER_CHANGED = 5;
    /** Kind of upcall: the connection is lost or there again. */
    static final int CONNECTION = 6;
    /** Kind of upcall: the spooler's properties changed. */
    static final int SPOOLER_CHANGED = 7;
    /** Kind of upcall: a log line, of handle 0. */
    static final int LOG = 8;

    /** Who is told what happens to a handle. */
    interface Upcalls {
        /** In the midst of native code, on a thread of it or on one that waits in {@link #call}: returns at once, throws nothing,
         * runs nothing of the app. */
        void upcall(int kind, long ticket, byte[] frame);
    }

    private static final Map<Long, Upcalls> OPEN = new ConcurrentHashMap<>();

    private NativeBridge() {}

    /**
     * Loads the native library unless it is there.
     *
     * @throws UnsatisfiedLinkError if it can't be loaded or does not fit these classes
     */
    static void load() {
        NativeLibrary.load();
    }

    /** Says who is told of {@code handle}; before its first call, so that nothing is lost. */
    static void register(long handle, Upcalls upcalls) {
        OPEN.put(handle, upcalls);
    }

    /** From now on nobody is told of {@code handle}. */
    static void unregister(long handle) {
        OPEN.remove(handle);
    }

    static native int boundary();

    static native String version();

    static native long openRemote(byte[] where);

    static native long openInProcess(byte[] config) throws ReceiptException;

    static native void close(long handle);

    static native byte[] call(long handle, int operation, long timeoutMs, byte[] request) throws ReceiptException;

    static native void start(long handle, int operation, long ticket, byte[] request) throws ReceiptException;

    static native int fd(FileDescriptor descriptor);

    static native long attachUsb(long handle, int fd, byte[] device) throws ReceiptException;

    static native void detachUsb(long handle, long key);

    /**
     * What native code throws for a refusal. An {@code Object}, so that the exception's class, and its two enums, are loaded when
     * the first refusal comes and not with this class.
     */
    @SuppressWarnings("unused")
    static Object refused(String code, String message, String messageZh, String retry) {
        return new ReceiptException(code, message, messageZh, retry);
    }

    /** The way from native code to here. Called on native threads, and on those that wait in {@link #call}. */
    @SuppressWarnings("unused")
    static void upcall(long handle, int kind, long ticket, byte[] frame) {
        try {
            if (kind == LOG) {
                NativeLog.line(frame);
                return;
            }
            Upcalls upcalls = OPEN.get(handle);
            if (upcalls != null) {
                upcalls.upcall(kind, ticket, frame);
            }
        } catch (RuntimeException e) {
            NativeLog.failed("an upcall of kind " + kind, e);
        }
    }
}
