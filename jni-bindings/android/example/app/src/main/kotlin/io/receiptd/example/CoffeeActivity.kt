package io.receiptd.example

import android.app.Activity
import android.graphics.Typeface
import android.os.Bundle
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import io.receiptd.ReceiptException
import io.receiptd.document.Receipt
import java.util.UUID
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** One button, and what the cashier must know. */
class CoffeeActivity : Activity() {
    private val scope = MainScope()
    private lateinit var said: TextView

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        said = TextView(this)
        val sell = Button(this).apply { text = "Latte ¥18.00" }
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            addView(sell)
            addView(said)
        })
        sell.setOnClickListener {
            scope.launch {
                sell.isEnabled = false
                telling { sell() }
                sell.isEnabled = true
            }
        }
        scope.launch { telling { shop().earlier { key, fate -> say("$key: ${words(fate)}") } } }
    }

    override fun onDestroy() {
        // A receipt that is waited for is not lost by that: the next start finds it.
        scope.cancel()
        super.onDestroy()
    }

    private suspend fun sell() {
        val why = shop().whyNot()
        if (why.isNotEmpty()) {
            // Here the customer would be asked whether a screen will do.
            say("No slip comes out now (" + why.joinToString() + "): the receipt will be on the screen")
        }
        val reference = charge()
        val receipt = shop().receipt(reference)
        // Nobody waits for paper that is known not to come.
        val fate = shop().print(reference, receipt, if (why.isEmpty()) PATIENCE_MS else 0)
        say(words(fate))
        if (fate is Fate.Waits) {
            show(fate, receipt)
        }
    }

    /** Here the card would be charged. The number of the payment is there before its receipt is. */
    private fun charge(): String = UUID.randomUUID().toString()

    private fun words(fate: Fate): String = when (fate) {
        is Fate.OnPaper -> "on paper (${fate.job.grade?.word ?: "no proof"})"
        is Fate.NotPrinted -> "not printed: ${fate.job.reason ?: fate.job.state.word}"
        is Fate.Waits -> "it is safe, and is printed when the printer can"
    }

    /** For the customer who does not wait for paper: what will be on it. */
    private suspend fun show(fate: Fate.Waits, receipt: Receipt) {
        val text = try {
            shop().text(fate.id)
        } catch (why: ReceiptException) {
            // The program that shows receipts was not unpacked, say: what the app knows by itself.
            val sale = receipt.sale
            "${sale?.merchant?.name}  ${sale?.total}  ${sale?.number}"
        }
        said.typeface = Typeface.MONOSPACE
        say(text)
    }

    private suspend fun telling(what: suspend () -> Unit) {
        try {
            what()
        } catch (why: ReceiptException) {
            // A sentence for people, in the language that the terminal has.
            val chinese = resources.configuration.locales[0].language == "zh"
            say(if (chinese) why.messageZh else why.message.orEmpty())
        }
    }

    private fun say(text: String) {
        said.append(text + "\n")
    }

    private fun shop() = application as Shop

    private companion object {
        /** As long as a customer waits for a slip. */
        const val PATIENCE_MS = 10_000L
    }
}
