package io.receiptd.example

import android.app.Application
import io.receiptd.Job
import io.receiptd.ReceiptForm
import io.receiptd.ReceiptPrinter
import io.receiptd.SubmitRequest
import io.receiptd.document.Item
import io.receiptd.document.Merchant
import io.receiptd.document.Money
import io.receiptd.document.Receipt
import io.receiptd.document.Sale
import java.util.Date
import java.util.TimeZone
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withTimeoutOrNull

/** What becomes of a receipt within the time that a customer waits. */
sealed class Fate {
    data class OnPaper(val job: Job) : Fate()
    data class NotPrinted(val job: Job) : Fate()
    /** It is safe, and comes out when the printer can: the customer gets it on the screen. */
    data class Waits(val id: Long) : Fate()
}

/** Printer and notes, for the life of the process. */
class Shop : Application() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private lateinit var notes: Notes
    lateinit var printer: Deferred<ReceiptPrinter>
        private set

    override fun onCreate() {
        super.onCreate()
        notes = Notes(this)
        printer = scope.async { Road.open(this@Shop) }
    }

    /** Why a receipt would not come out now, or nothing. Asked before the customer is charged. */
    suspend fun whyNot(): List<String> {
        val answer = printer.await().canPrintAsync(RECEIPT_MM).await()
        return if (answer.isCan) emptyList() else answer.reasons
    }

    /** The receipt of a sale that was charged. `reference` is the payment's own number: it makes the key. */
    fun receipt(reference: String): Receipt {
        val price = Money.cny(1800)
        val sale = Sale.builder()
            .merchant(Merchant.of("街角咖啡 Corner Coffee"))
            .number(reference)
            .time(Date(), TimeZone.getDefault())
            .addItem(Item.of("拿铁 Latte", price))
            .total(price)
            .addPayment("银行卡 Card", price)
            .build()
        return Receipt.builder().title("Coffee $reference").sale(sale).build()
    }

    /** Prints, and waits as long as a customer does. */
    suspend fun print(reference: String, receipt: Receipt, patienceMs: Long): Fate {
        val key = "coffee-$reference"
        // Before the daemon has it: whatever dies from here on, the receipt is found again.
        check(notes.add(key, receipt.toJson())) { "the terminal's storage is full or broken" }
        return follow(key, SubmitRequest.of(key, receipt), patienceMs)
    }

    /** What became of the sales of earlier days, or of the one in whose middle the power went. */
    suspend fun earlier(tell: (String, Fate) -> Unit) {
        for ((key, document) in notes.all()) {
            // The same key again: a receipt that was accepted is not printed a second time, one that was not is accepted now.
            tell(key, follow(key, SubmitRequest.builder(key).json(document).build(), EARLIER_MS))
        }
    }

    /** What is on the paper of a job, or will be, for a screen. */
    suspend fun text(id: Long): String = printer.await().renderReceiptAsync(id, ReceiptForm.TEXT).await().text

    private suspend fun follow(key: String, request: SubmitRequest, patienceMs: Long): Fate {
        val printer = printer.await()
        val ids = printer.submitAsync(request).await().jobIds
        for (id in ids) {
            val job = withTimeoutOrNull(patienceMs) { printer.whenDone(id).await() } ?: return Fate.Waits(id)
            if (!job.state.isOnPaper) {
                // Somebody took it back, or its time ran out.
                notes.remove(key)
                return Fate.NotPrinted(job)
            }
        }
        notes.remove(key)
        return Fate.OnPaper(printer.getJobAsync(ids.last()).await())
    }

    private companion object {
        /** Roughly what the receipt below is long. */
        const val RECEIPT_MM = 60
        /** For each sale of earlier days. */
        const val EARLIER_MS = 1_000L
    }
}
