package io.receiptd.example

import android.app.Activity
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
            say("Not charged. The printer: " + why.joinToString())
            return
        }
        val reference = charge()
        val receipt = shop().receipt(reference)
        val fate = shop().print(reference, receipt)
        say(words(fate))
        if (fate == Fate.Waits) {
            show(receipt)
        }
    }

    /** Here the card would be charged. The number of the payment is there before its receipt is. */
    private fun charge(): String = UUID.randomUUID().toString()

    private fun words(fate: Fate): String = when (fate) {
        is Fate.OnPaper -> "on paper (${fate.job.grade?.word ?: "no proof"})"
        is Fate.NotPrinted -> "not printed: ${fate.job.reason ?: fate.job.state.word}"
        Fate.Waits -> "it is safe, and is printed when the printer can"
    }

    /** For the customer who does not wait for paper. */
    private fun show(receipt: Receipt) {
        val sale = receipt.sale ?: return
        val items = sale.items.joinToString("\n") { "${it.name}  ${it.amount}" }
        say("${sale.merchant?.name}\n$items\n${sale.total}\n${sale.number}")
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
}
