package io.receiptd;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** A receipt without paper. Immutable. */
public final class RenderedReceipt {
    private final ReceiptForm form;
    private final int lengthMm;
    private final byte[] bytes;

    /**
     * A value of its own, for tests of an app.
     *
     * @param form what it was made as.
     * @param lengthMm how long its paper is, in mm.
     * @param bytes what was made.
     */
    public RenderedReceipt(@NotNull ReceiptForm form, int lengthMm, byte @NotNull [] bytes) {
        this.form = Objects.requireNonNull(form, "form");
        this.lengthMm = lengthMm;
        this.bytes = bytes.clone();
    }

    /**
     * What it was made as.
     *
     * @return it
     */
    public @NotNull ReceiptForm getForm() {
        return form;
    }

    /**
     * How long its paper is or would be, in mm.
     *
     * @return it
     */
    public int getLengthMm() {
        return lengthMm;
    }

    /**
     * The text, the page, the picture or the document, as a file of that form has it.
     *
     * @return a copy
     */
    public byte @NotNull [] getBytes() {
        return bytes.clone();
    }

    /**
     * The text, or the source of the page.
     *
     * @return it
     * @throws IllegalStateException if it is a picture or a PDF
     */
    public @NotNull String getText() {
        if (form != ReceiptForm.TEXT && form != ReceiptForm.HTML) {
            throw new IllegalStateException("a receipt as " + form + " is no text; take getBytes()");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof RenderedReceipt)) {
            return false;
        }
        RenderedReceipt that = (RenderedReceipt) other;
        return form == that.form && lengthMm == that.lengthMm && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(form, lengthMm, Arrays.hashCode(bytes));
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("RenderedReceipt").add("form", form).add("lengthMm", lengthMm).add("bytes", bytes.length)
                .toString();
    }
}
