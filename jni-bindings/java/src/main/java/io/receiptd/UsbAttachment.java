package io.receiptd;

import java.util.concurrent.atomic.AtomicBoolean;

/** A USB printer that was handed over: {@link ReceiptPrinter#attachUsb}. */
public final class UsbAttachment implements AutoCloseable {
    private final Connection connection;
    private final long key;
    private final AtomicBoolean closed = new AtomicBoolean();

    UsbAttachment(Connection connection, long key) {
        this.connection = connection;
        this.key = key;
    }

    /**
     * Takes the printer back: it was unplugged, or the app gives it up. What is not printed waits for the next one.
     * May be called several times and after the printer was closed. Does not block for longer than a few
     * milliseconds.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && !connection.isClosed()) {
            try {
                NativeBridge.detachUsb(connection.handle(), key);
            } catch (IllegalStateException e) {
                // The printer was closed meanwhile, and the attachment with it.
                NativeLog.LOGGER.finest("detached after the printer was closed");
            }
        }
    }
}
