package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A barcode, as far as the printer draws barcodes itself. Immutable. */
public final class BarcodeLine extends Line {
    private final String data;
    private final BarcodeType type;
    private final Integer height;
    private final Integer module;
    private final Hri hri;
    private final Align align;

    private BarcodeLine(Builder from) {
        super(from.only);
        data = Required.of("BarcodeLine", "data", from.data);
        type = Required.of("BarcodeLine", "type", from.type);
        height = from.height;
        module = from.module;
        hri = from.hri;
        align = from.align;
    }

    /**
     * A builder with nothing set. Required: {@code data}, {@code type}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param data what it says. What may be in it depends on the type
     * @param type which code
     * @return a new one
     */
    public static @NotNull BarcodeLine of(@NotNull String data, @NotNull BarcodeType type) {
        return builder().data(data).type(type).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.data = data;
        to.type = type;
        to.height = height;
        to.module = module;
        to.hri = hri;
        to.align = align;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * What it says. What may be in it depends on the type.
     *
     * @return it
     */
    public @NotNull String getData() {
        return data;
    }

    /**
     * Which code.
     *
     * @return it
     */
    public @NotNull BarcodeType getType() {
        return type;
    }

    /**
     * Dot rows of 1/8 mm. Default: 80.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getHeight() {
        return height;
    }

    /**
     * Dots of the narrowest bar. Default: 3, or 2 if 3 is too wide.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getModule() {
        return module;
    }

    /**
     * Where the data stand in characters. Default: below.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Hri getHri() {
        return hri;
    }

    /**
     * Where it stands on the paper. Default: center.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Align getAlign() {
        return align;
    }

    @Override
    String key() {
        return "barcode";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("data", data);
        out.field("type", type.getWord());
        out.field("height", height);
        out.field("module", module);
        out.field("hri", hri == null ? null : hri.getWord());
        out.field("align", align == null ? null : align.getWord());
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof BarcodeLine)) {
            return false;
        }
        BarcodeLine that = (BarcodeLine) other;
        return Objects.equals(data, that.data)
                && Objects.equals(type, that.type)
                && Objects.equals(height, that.height)
                && Objects.equals(module, that.module)
                && Objects.equals(hri, that.hri)
                && Objects.equals(align, that.align)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(data, type, height, module, hri, align, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("BarcodeLine")
                .add("data", data)
                .add("type", type)
                .add("height", height)
                .add("module", module)
                .add("hri", hri)
                .add("align", align)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link BarcodeLine}. Not for several threads at once. */
    public static final class Builder {
        private String data;
        private BarcodeType type;
        private Integer height;
        private Integer module;
        private Hri hri;
        private Align align;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * What it says. What may be in it depends on the type.
         *
         * @param data the value
         * @return this
         */
        public @NotNull Builder data(@NotNull String data) {
            this.data = Objects.requireNonNull(data, "data");
            return this;
        }

        /**
         * Which code.
         *
         * @param type the value
         * @return this
         */
        public @NotNull Builder type(@NotNull BarcodeType type) {
            this.type = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * Dot rows of 1/8 mm. Default: 80. 1 to 255.
         *
         * @param height the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder height(int height) {
            this.height = Range.check("height", height, 1, 255);
            return this;
        }

        /**
         * Dots of the narrowest bar. Default: 3, or 2 if 3 is too wide. 2 to 6.
         *
         * @param module the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder module(int module) {
            this.module = Range.check("module", module, 2, 6);
            return this;
        }

        /**
         * Where the data stand in characters. Default: below.
         *
         * @param hri the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder hri(@Nullable Hri hri) {
            this.hri = hri;
            return this;
        }

        /**
         * Where it stands on the paper. Default: center.
         *
         * @param align the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder align(@Nullable Align align) {
            this.align = align;
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
        public @NotNull BarcodeLine build() {
            return new BarcodeLine(this);
        }
    }
}
