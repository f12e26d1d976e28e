package io.receiptd.document;

import org.jetbrains.annotations.NotNull;

/** How a rule looks. */
public enum RuleStyle {
    /** One line. */
    SINGLE("single"),
    /** Two lines. */
    DOUBLE("double"),
    /** Dots. */
    DOTTED("dotted");

    private final String word;

    RuleStyle(String word) {
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
