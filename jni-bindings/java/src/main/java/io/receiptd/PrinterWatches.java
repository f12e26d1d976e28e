package io.receiptd;

import java.util.List;

/** All the listeners for printers of one connection. The daemon tells changes while there is one. */
final class PrinterWatches extends Subscriptions<Void, PrinterListener> {
    private boolean told;

    PrinterWatches(Connection connection) {
        super(connection);
    }

    void printerChanged(PrinterInfo printer) {
        tellAll(listener -> listener.onPrinterChanged(printer));
    }

    void spoolerChanged(SpoolerInfo spooler) {
        tellAll(listener -> listener.onSpoolerChanged(spooler));
    }

    @Override
    Wish wish(List<Entry> wanted) {
        boolean some = !wanted.isEmpty();
        return some == told ? null : new Wish(Operation.TELL_PROPERTIES, new FrameWriter().bool(some).frame(),
                () -> told = some, () -> { });
    }

    @Override
    void tellLost(PrinterListener listener, String why) {
        listener.onConnectionLost(why);
    }

    @Override
    void tellRestored(PrinterListener listener) {
        listener.onConnectionRestored();
    }

    @Override
    void tellRefused(PrinterListener listener, ReceiptException why) {
        listener.onWatchLost(why);
    }
}
