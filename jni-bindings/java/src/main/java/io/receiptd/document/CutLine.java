package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** A cut in the middle of a receipt, or the last one. Immutable. */
public final class CutLine extends Line {
    private final CutKind kind;

    private CutLine(Builder from) {
        super(from.only);
        kind = from.kind;
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
        to.kind = kind;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * How to cut. Default: as the printer's profile says.
     *
     * @return it, or null if it is left out
     */
    public @Nullable CutKind getKind() {
        return kind;
    }

    @Override
    String key() {
        return "cut";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("kind", kind == null ? null : kind.getWord());
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof CutLine)) {
            return false;
        }
        CutLine that = (CutLine) other;
        return Objects.equals(kind, that.kind)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("CutLine")
                .add("kind", kind)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link CutLine}. Not for several threads at once. */
    public static final class Builder {
        private CutKind kind;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * How to cut. Default: as the printer's profile says.
         *
         * @param kind the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder kind(@Nullable CutKind kind) {
            this.kind = kind;
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
         */
        public @NotNull CutLine build() {
            return new CutLine(this);
        }
    }
}
