/**
 * The Java library of receiptd: receipts that come out of the printer, also if the app dies or the power is cut.
 *
 * <p>Begin with {@link io.receiptd.ReceiptPrinter}: with the daemon of the terminal
 * ({@link io.receiptd.ReceiptPrinter#builder()}), or with a spooler in the own process
 * ({@link io.receiptd.ReceiptPrinter#inProcess(java.io.File)}). Documents are in {@code io.receiptd.document}.
 *
 * <h2>Threads</h2>
 *
 * <p>Methods that throw {@link io.receiptd.ReceiptException} block until the daemon answered; on Android's main thread
 * they refuse. Each has a variant with {@code Async} at its end, which never blocks and gives a future. Objects may be
 * used by several threads; builders may not. No thread is kept while there is nothing to do, and none of them keeps the
 * process alive.
 *
 * <h2>Units</h2>
 *
 * <p>Times are Unix milliseconds of the daemon's clock unless they say otherwise, lengths millimetres, sizes bytes.
 *
 * <h2>Null</h2>
 *
 * <p>Where null is allowed, it says {@code @Nullable}; everywhere else it is a {@code NullPointerException}.
 */
package io.receiptd;
