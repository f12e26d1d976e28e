package io.receiptd.document;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Opens a cash drawer. Immutable. */
public final class DrawerLine extends Line {
    private final Integer pin;

    private DrawerLine(Builder from) {
        super(from.only);
        pin = from.pin;
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
        to.pin = pin;
        to.only.addAll(getOnly());
        return to;
    }

    /**
     * Pin of the connector. Default: 2.
     *
     * @return it, or null if it is left out
     */
    public @Nullable Integer getPin() {
        return pin;
    }

    @Override
    String key() {
        return "drawer";
    }

    @Override
    void writeFields(JsonWriter out) {
        out.field("pin", pin);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof DrawerLine)) {
            return false;
        }
        DrawerLine that = (DrawerLine) other;
        return Objects.equals(pin, that.pin)
                && getOnly().equals(that.getOnly());
    }

    @Override
    public int hashCode() {
        return Objects.hash(pin, getOnly());
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("DrawerLine")
                .add("pin", pin)
                .add("only", getOnly())
                .toString();
    }

    /** Builds a {@link DrawerLine}. Not for several threads at once. */
    public static final class Builder {
        private Integer pin;
        private final List<Copy> only = new ArrayList<>();

        private Builder() {}

        /**
         * Pin of the connector. Default: 2. 2 or 5.
         *
         * @param pin the value
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public @NotNull Builder pin(int pin) {
            this.pin = Range.either("pin", pin, 2, 5);
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
        public @NotNull DrawerLine build() {
            return new DrawerLine(this);
        }
    }
}
