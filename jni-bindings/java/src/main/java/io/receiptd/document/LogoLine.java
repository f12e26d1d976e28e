package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A picture. Immutable. */
public final class LogoLine extends Line {
    private final byte[] png;
    private final byte[] jpeg;
    private final Align align;
    private final Dither dither;

    private LogoLine(Builder from) {
        super(from.only);
        png = from.png;
        jpeg = from.jpeg;
        align = from.align;
        dither = from.dither;
        if ((png == null) == (jpeg == null)) {
            throw new IllegalStateException("LogoLine: either png or jpeg must be set");
        }
    }

    /**
     * A builder with nothing set.
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
        to.png = png;
        to.jpeg = jpeg;
        to.align = align;
        to.dither = dither;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * The bytes of a PNG.
     *
     * @return it, or null if it is left out
     */
    public byte @Nullable [] getPng() {
        return png == null ? null : png.clone();
    }

    /**
     * The bytes of a JPEG, instead of a PNG.
     *
     * @return it, or null if it is left out
     */
    public byte @Nullable [] getJpeg() {
        return jpeg == null ? null : jpeg.clone();
    }

    /**
     * Where it stands on the paper. Default: center.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Align getAlign() {
        return align;
    }

    /**
     * How grey is printed. Default: floyd-steinberg.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Dither getDither() {
        return dither;
    }

    @Override
    String key() {
        return "logo";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("png_base64", png == null ? null : Base64.encode(png));
        out.field("jpeg_base64", jpeg == null ? null : Base64.encode(jpeg));
        out.field("align", align == null ? null : align.getWord());
        out.field("dither", dither == null ? null : dither.getWord());
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof LogoLine)) {
            return false;
        }
        LogoLine that = (LogoLine) other;
        return Arrays.equals(png, that.png)
                && Arrays.equals(jpeg, that.jpeg)
                && Objects.equals(align, that.align)
                && Objects.equals(dither, that.dither)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(png), Arrays.hashCode(jpeg), align, dither, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("LogoLine")
                .add("png", png)
                .add("jpeg", jpeg)
                .add("align", align)
                .add("dither", dither)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link LogoLine}. Not for several threads at once. */
    public static final class Builder {
        private byte[] png;
        private byte[] jpeg;
        private Align align;
        private Dither dither;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * The bytes of a PNG.
         *
         * @param png the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder png(byte @Nullable [] png) {
            this.png = png == null ? null : png.clone();
            return this;
        }

        /**
         * The bytes of a JPEG, instead of a PNG.
         *
         * @param jpeg the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder jpeg(byte @Nullable [] jpeg) {
            this.jpeg = jpeg == null ? null : jpeg.clone();
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
         * How grey is printed. Default: floyd-steinberg.
         *
         * @param dither the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder dither(@Nullable Dither dither) {
            this.dither = dither;
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
        public @NotNull LogoLine build() {
            return new LogoLine(this);
        }
    }
}
