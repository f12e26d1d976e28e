package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * A receipt: what is handed to receiptd as a JSON document of version 1. Immutable.
 *
 * <pre>{@code
 * Receipt receipt = Receipt.builder()
 *         .title("蓝门咖啡 BLUE DOOR")
 *         .pair("拿铁 Latte", "18.50")
 *         .rule()
 *         .add(TextLine.builder().text("谢谢惠顾").align(Align.CENTER).build())
 *         .build();
 * }</pre>
 */
public final class Receipt {
    private static final int VERSION = 1;

    private final String schema;
    private final String title;
    private final List<Copy> copies;
    private final Sale sale;
    private final Slip slip;
    private final List<Line> lines;
    private final TextMode text;
    private final Boolean cut;
    private final String template;
    private final boolean withoutTemplate;

    private Receipt(Builder from) {
        schema = from.schema;
        title = from.title;
        copies = Collections.unmodifiableList(new ArrayList<>(from.copies));
        sale = from.sale;
        slip = from.slip;
        lines = Collections.unmodifiableList(new ArrayList<>(from.lines));
        text = from.text;
        cut = from.cut;
        template = from.template;
        withoutTemplate = from.withoutTemplate;
        if (sale == null && slip == null && lines.isEmpty()) {
            throw new IllegalStateException("Receipt: a sale, a slip or a line is required");
        }
    }

    /**
     * A builder with nothing set. Required: a sale, a slip, or a line.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.schema = schema;
        to.title = title;
        to.copies.addAll(copies);
        to.sale = sale;
        to.slip = slip;
        to.lines.addAll(lines);
        to.text = text;
        to.cut = cut;
        to.template = template;
        to.withoutTemplate = withoutTemplate;
        return to;
    }

    /**
     * The name of a schema, for editors; receiptd does not look at it.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getSchema() {
        return schema;
    }

    /**
     * Heading, printed large at the top, and the name of the job in lists.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTitle() {
        return title;
    }

    /**
     * The copies, in the order in which they are printed.
     *
     * @return an unmodifiable list; empty: one copy without a label
     */
    public @NotNull List<Copy> getCopies() {
        return copies;
    }

    /**
     * The receipt of a shop.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Sale getSale() {
        return sale;
    }

    /**
     * The slip of a card payment; below the sale if there are both.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Slip getSlip() {
        return slip;
    }

    /**
     * What is printed below sale and slip.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<Line> getLines() {
        return lines;
    }

    /**
     * Whether text is printed in the printer's own font where it can be, or all of it is drawn.
     *
     * @return it, or null if the printer's profile decides
     */
    public @Nullable TextMode getText() {
        return text;
    }

    /**
     * Whether there is feed and cut at the end of each copy.
     *
     * @return it, or null if it is left out, which means true
     */
    public @Nullable Boolean getCut() {
        return cut;
    }

    /**
     * The name of the template to put around it.
     *
     * @return it, or null: the one that fits, or none if {@link #isWithoutTemplate()}
     */
    public @Nullable String getTemplate() {
        return template;
    }

    /**
     * Whether no template is put around it, also if one would fit.
     *
     * @return whether
     */
    public boolean isWithoutTemplate() {
        return withoutTemplate;
    }

    /**
     * The document, as it is submitted.
     *
     * @return JSON in one line
     */
    public @NotNull String toJson() {
        JsonWriter out = new JsonWriter();
        out.beginObject().field("$schema", schema).name("version").value(VERSION).field("title", title);
        if (!copies.isEmpty()) {
            out.name("copies").beginArray();
            for (Copy copy : copies) {
                out.value(copy.getWord());
            }
            out.endArray();
        }
        if (sale != null) {
            out.name("sale");
            sale.write(out);
        }
        if (slip != null) {
            out.name("slip");
            slip.write(out);
        }
        if (!lines.isEmpty()) {
            out.name("lines").beginArray();
            for (Line line : lines) {
                line.write(out);
            }
            out.endArray();
        }
        out.field("text", text == null ? null : text.getWord()).field("cut", cut).field("template", template);
        if (withoutTemplate) {
            out.field("template", false);
        }
        return out.endObject().toString();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Receipt)) {
            return false;
        }
        Receipt that = (Receipt) other;
        return Objects.equals(schema, that.schema)
                && Objects.equals(title, that.title)
                && copies.equals(that.copies)
                && Objects.equals(sale, that.sale)
                && Objects.equals(slip, that.slip)
                && lines.equals(that.lines)
                && text == that.text
                && Objects.equals(cut, that.cut)
                && Objects.equals(template, that.template)
                && withoutTemplate == that.withoutTemplate;
    }

    @Override
    public int hashCode() {
        return Objects.hash(schema, title, copies, sale, slip, lines, text, cut, template, withoutTemplate);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Receipt")
                .add("title", title)
                .add("copies", copies)
                .add("sale", sale)
                .add("slip", slip)
                .add("lines", lines)
                .add("text", text)
                .add("cut", cut)
                .add("template", template)
                .toString();
    }

    /** Builds a {@link Receipt}. Not for several threads at once. */
    public static final class Builder {
        private String schema;
        private String title;
        private final List<Copy> copies = new ArrayList<>();
        private Sale sale;
        private Slip slip;
        private final List<Line> lines = new ArrayList<>();
        private TextMode text;
        private Boolean cut;
        private String template;
        private boolean withoutTemplate;

        private Builder() {}

        /**
         * The name of a schema, for editors; receiptd does not look at it.
         *
         * @param schema the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder schema(@Nullable String schema) {
            this.schema = schema;
            return this;
        }

        /**
         * Heading, printed large at the top, and the name of the job in lists.
         *
         * @param title the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder title(@Nullable String title) {
            this.title = title;
            return this;
        }

        /**
         * The copies, in the order in which they are printed, each once. Left out: one without a label.
         *
         * @param copies the copies
         * @return this
         */
        public @NotNull Builder copies(@NotNull Copy @NotNull ... copies) {
            this.copies.clear();
            this.copies.addAll(Arrays.asList(copies));
            return this;
        }

        /**
         * The receipt of a shop. It is refused if it does not add up.
         *
         * @param sale the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder sale(@Nullable Sale sale) {
            this.sale = sale;
            return this;
        }

        /**
         * The slip of a card payment; below the sale if there are both.
         *
         * @param slip the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder slip(@Nullable Slip slip) {
            this.slip = slip;
            return this;
        }

        /**
         * What is printed below sale and slip, 4096 at most. Instead of those set so far.
         *
         * @param lines the values
         * @return this
         */
        public @NotNull Builder lines(@NotNull List<? extends Line> lines) {
            this.lines.clear();
            this.lines.addAll(lines);
            return this;
        }

        /**
         * One more line.
         *
         * @param line the line
         * @return this
         */
        public @NotNull Builder add(@NotNull Line line) {
            lines.add(Objects.requireNonNull(line, "line"));
            return this;
        }

        /**
         * One more line: text at the left, wrapped to the paper.
         *
         * @param line the text
         * @return this
         */
        public @NotNull Builder text(@NotNull String line) {
            return add(TextLine.of(line));
        }

        /**
         * One more line: two texts, at the left and at the right edge.
         *
         * @param left  what it is
         * @param right how much, or which
         * @return this
         */
        public @NotNull Builder pair(@NotNull String left, @NotNull String right) {
            return add(PairLine.of(left, right));
        }

        /**
         * One more line: a rule across the paper.
         *
         * @return this
         */
        public @NotNull Builder rule() {
            return add(RuleLine.builder().build());
        }

        /**
         * One more line: an empty one.
         *
         * @return this
         */
        public @NotNull Builder space() {
            return add(SpaceLine.builder().build());
        }

        /**
         * One more line: a QR code in the middle.
         *
         * @param data what it says, 1 to 1273 bytes of UTF-8
         * @return this
         */
        public @NotNull Builder qr(@NotNull String data) {
            return add(QrLine.of(data));
        }

        /**
         * Whether text is printed in the printer's own font where it can be, or all of it is drawn.
         *
         * @param text the value, or null: as the printer's profile says
         * @return this
         */
        public @NotNull Builder textMode(@Nullable TextMode text) {
            this.text = text;
            return this;
        }

        /**
         * Feed and cut at the end of each copy. Default: true.
         *
         * @param cut the value
         * @return this
         */
        public @NotNull Builder cut(boolean cut) {
            this.cut = cut;
            return this;
        }

        /**
         * The name of the template to put around it. Left out: the one that fits, if the terminal has one.
         *
         * @param template the name, or null to leave it out
         * @return this
         */
        public @NotNull Builder template(@Nullable String template) {
            this.template = template;
            withoutTemplate = false;
            return this;
        }

        /**
         * No template is put around it, also if one would fit.
         *
         * @return this
         */
        public @NotNull Builder withoutTemplate() {
            template = null;
            withoutTemplate = true;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if there is neither sale nor slip nor line
         */
        public @NotNull Receipt build() {
            return new Receipt(this);
        }
    }
}
