package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * Is told what happens to printers and to the spooler itself: {@link ReceiptPrinter#watchPrinters}.
 *
 * <p>It is called as a {@link JobListener} is.
 */
public interface PrinterListener {
    /**
     * A printer's properties changed, or a printer came.
     *
     * @param printer what it is now
     */
    default void onPrinterChanged(@NotNull PrinterInfo printer) {}

    /**
     * The spooler's properties changed: whether receipts can be stored, or a warning.
     *
     * @param spooler what they are now
     */
    default void onSpoolerChanged(@NotNull SpoolerInfo spooler) {}

    /**
     * Changes can't be told, and will not be: the daemon refused. The subscription is closed.
     *
     * @param why what it said
     */
    default void onWatchLost(@NotNull ReceiptException why) {}

    /**
     * The daemon can't be reached. Nothing needs to be done: it is tried until it can.
     *
     * @param why for logs, in English
     */
    default void onConnectionLost(@NotNull String why) {}

    /** The daemon can be reached again. Changes may have been missed: ask again for what you must know. */
    default void onConnectionRestored() {}
}
