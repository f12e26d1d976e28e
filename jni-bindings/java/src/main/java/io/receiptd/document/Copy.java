package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** Whose copy it is. */
public enum Copy {
    /** The only one; it has no label. */
    SINGLE("single"),
    /** 商户存根. */
    MERCHANT("merchant"),
    /** 持卡人存根. */
    CUSTOMER("customer"),
    /** 银行存根. */
    BANK("bank");

    private final String word;

    Copy(String word) {
        this.word = word;
    }

    /**
     * The word in the JSON document.
     *
     * @return for example {@code single}
     */
    public @NotNull String getWord() {
        return word;
    }
}
