package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** A line that was drawn as a picture. Immutable. */
public final class DrawnLine {
    private final int offset;
    private final int rows;
    private final String text;

    /**
     * A value of its own, for tests of an app.
     *
     * @param offset where in the bytes it begins.
     * @param rows its dot rows.
     * @param text what it says.
     */
    public DrawnLine(int offset, int rows, @NotNull String text) {
        this.offset = offset;
        this.rows = rows;
        this.text = Objects.requireNonNull(text, "text");
    }

    static DrawnLine read(FrameReader in) {
        int offset = in.count32();
        int rows = in.count32();
        String text = in.string();
        return new DrawnLine(offset, rows, text);
    }

    /**
     * Where in the bytes it begins.
     *
     * @return it
     */
    public int getOffset() {
        return offset;
    }

    /**
     * Its dot rows.
     *
     * @return it
     */
    public int getRows() {
        return rows;
    }

    /**
     * What it says.
     *
     * @return it
     */
    public @NotNull String getText() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof DrawnLine)) {
            return false;
        }
        DrawnLine that = (DrawnLine) other;
        return offset == that.offset && rows == that.rows && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(offset, rows, text);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("DrawnLine").add("offset", offset).add("rows", rows).toString();
    }
}
