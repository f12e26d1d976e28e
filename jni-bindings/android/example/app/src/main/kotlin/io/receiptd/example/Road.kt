package io.receiptd.example

import android.content.Context
import io.receiptd.PaperWidth
import io.receiptd.ReceiptPrinter
import io.receiptd.android.UsbPrinterHost
import kotlinx.coroutines.future.await

/** The one place that knows which road this build takes. */
object Road {
    /** A printer for the life of the process. In process the spool is opened here: what waits is printed from now on. */
    suspend fun open(context: Context): ReceiptPrinter {
        if (BuildConfig.DAEMON) {
            return ReceiptPrinter.builder().build()
        }
        val printer = UsbPrinterHost.inProcess(context).paper(PaperWidth.MM_58).openAsync().await()
        // Looks for the printer now, and listens for one that is plugged in.
        UsbPrinterHost.builder(context, printer).build().start()
        return printer
    }
}
