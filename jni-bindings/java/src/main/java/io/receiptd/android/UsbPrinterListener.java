package io.receiptd.android;

import android.hardware.usb.UsbDevice;

import org.jetbrains.annotations.NotNull;

/** Is told what becomes of USB printers: {@link UsbPrinterHost.Builder#listener}. Called by its executor, in order. */
public interface UsbPrinterListener {
    /**
     * The printer was opened and handed over: receipts that wait are printed.
     *
     * @param device the printer
     */
    default void onAttached(@NotNull UsbDevice device) {}

    /**
     * The printer was unplugged. Receipts wait until one is there.
     *
     * @param device the printer
     */
    default void onDetached(@NotNull UsbDevice device) {}

    /**
     * The person at the terminal did not permit the app to use the printer. It is asked again when the printer is
     * plugged in again, and by {@link UsbPrinterHost#askAgain}.
     *
     * @param device the printer
     */
    default void onPermissionDenied(@NotNull UsbDevice device) {}

    /**
     * The printer could not be opened or handed over.
     *
     * @param device the printer
     * @param why    a {@link io.receiptd.ReceiptException} if the spooler refused it; an {@code java.io.IOException} if
     *     Android did not open it
     */
    default void onFailed(@NotNull UsbDevice device, @NotNull Exception why) {}
}
