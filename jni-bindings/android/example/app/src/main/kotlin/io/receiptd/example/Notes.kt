package io.receiptd.example

import android.content.Context

/** Sales that were charged and whose receipt is not known to be on paper: key and document. On disk before anything is told. */
class Notes(context: Context) {
    private val file = context.getSharedPreferences("sales", Context.MODE_PRIVATE)

    /** Returns when it is on disk: commit, not apply. */
    fun add(key: String, document: String): Boolean = file.edit().putString(key, document).commit()

    fun remove(key: String): Boolean = file.edit().remove(key).commit()

    fun all(): Map<String, String> = file.all.mapValues { it.value.toString() }
}
