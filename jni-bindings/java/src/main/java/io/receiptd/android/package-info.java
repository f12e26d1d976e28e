/**
 * USB printers of an Android terminal, handed over to a spooler in the app's own process.
 *
 * <pre>{@code
 * ReceiptPrinter printer = UsbPrinterHost.inProcess(context).model("xprinter-xp-80").open(); // not on the main thread
 * UsbPrinterHost host = UsbPrinterHost.builder(context, printer).build();
 * host.start();
 * }</pre>
 *
 * <p>With a daemon in the terminal's system image none of this is needed:
 * {@link io.receiptd.ReceiptPrinter#builder()} is the way to it.
 */
package io.receiptd.android;
