package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Texts beside each other. Immutable. */
public final class ColumnsLine extends Line {
    private final List<Column> columns;
    private final Integer gap;
    private final Boolean bold;
    private final TextSize size;

    private ColumnsLine(Builder from) {
        super(from.only);
        columns = Collections.unmodifiableList(new ArrayList<>(from.columns));
        gap = from.gap;
        bold = from.bold;
        size = from.size;
        if (columns.isEmpty()) {
            throw new IllegalStateException("ColumnsLine: columns must have one at least");
        }
    }

    /**
     * A builder with nothing set. Required: {@code columns}.
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
        to.columns.addAll(columns);
        to.gap = gap;
        to.bold = bold;
        to.size = size;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * From left to right.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<Column> getColumns() {
        return columns;
    }

    /**
     * Empty character columns between two columns. Default: 1, or 0 if every column has a width.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getGap() {
        return gap;
    }

    /**
     * Bold. Default: false.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Boolean getBold() {
        return bold;
    }

    /**
     * Size of text, in times the normal one. Default: normal.
     *
     * @return it, or null if it is left out
     */
    public @Nullable TextSize getSize() {
        return size;
    }

    @Override
    String key() {
        return "columns";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.name("columns").beginArray();
        for (Column one : columns) {
            one.write(out);
        }
        out.endArray();
        out.field("gap", gap);
        out.field("bold", bold);
        if (size != null) {
            out.name("size");
            size.write(out);
        }
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof ColumnsLine)) {
            return false;
        }
        ColumnsLine that = (ColumnsLine) other;
        return Objects.equals(columns, that.columns)
                && Objects.equals(gap, that.gap)
                && Objects.equals(bold, that.bold)
                && Objects.equals(size, that.size)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(columns, gap, bold, size, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("ColumnsLine")
                .add("columns", columns)
                .add("gap", gap)
                .add("bold", bold)
                .add("size", size)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link ColumnsLine}. Not for several threads at once. */
    public static final class Builder {
        private final List<Column> columns = new ArrayList<>();
        private Integer gap;
        private Boolean bold;
        private TextSize size;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * From left to right. Instead of those set so far.
         *
         * @param columns the values
         * @return this
         */
        public @NotNull Builder columns(@NotNull List<Column> columns) {
            this.columns.clear();
            this.columns.addAll(columns);
            return this;
        }

        /**
         * One more.
         *
         * @param column the value
         * @return this
         */
        public @NotNull Builder addColumn(@NotNull Column column) {
            columns.add(Objects.requireNonNull(column, "column"));
            return this;
        }

        /**
         * Empty character columns between two columns. Default: 1, or 0 if every column has a width. 0 to 16.
         *
         * @param gap the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder gap(int gap) {
            this.gap = Range.check("gap", gap, 0, 16);
            return this;
        }

        /**
         * Bold. Default: false.
         *
         * @param bold the value
         * @return this
         */
        public @NotNull Builder bold(boolean bold) {
            this.bold = bold;
            return this;
        }

        /**
         * Size of text, in times the normal one. Default: normal.
         *
         * @param size the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder size(@Nullable TextSize size) {
            this.size = size;
            return this;
        }

        /**
         * The copies that it is printed on. Default: all.
         *
         * @param only the copies
         * @return this
         */
        public @NotNull Builder only(@NotNull Copy @NotNull ... only) {
            this.only.clear();
            this.only.addAll(Arrays.asList(only));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull ColumnsLine build() {
            return new ColumnsLine(this);
        }
    }
}
