package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** What was done with a card. */
public enum SlipType {
    /** A sale. */
    SALE("sale"),
    /** A sale is taken back on the same day. */
    VOID("void"),
    /** Money is given back. */
    REFUND("refund"),
    /** An amount is reserved. */
    PRE_AUTHORISATION("pre-authorisation"),
    /** The reservation is taken back. */
    PRE_AUTHORISATION_VOID("pre-authorisation-void"),
    /** A reserved amount is charged. */
    COMPLETION("completion"),
    /** That is taken back. */
    COMPLETION_VOID("completion-void");

    private final String word;

    SlipType(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code sale}
     */
    public @NotNull String getWord() {
        return word;
    }
}
