package io.receiptd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/**
 * What is on a copy's paper, to be shown elsewhere. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class StoredReceipt {
    private final byte[] bytes;
    private final String profile;
    private final String title;
    private final String copy;
    private final long id;
    private final long acceptedMs;
    private final List<DrawnLine> drawn;

    private StoredReceipt(Builder from) {
        bytes = from.bytes;
        profile = from.profile;
        title = from.title;
        copy = from.copy;
        id = from.id;
        acceptedMs = from.acceptedMs;
        drawn = from.drawn;
    }

    static StoredReceipt read(FrameReader in) {
        Builder to = new Builder();
        to.bytes = in.bytes();
        to.profile = in.string();
        to.title = in.string();
        to.copy = in.string();
        to.id = in.u64();
        to.acceptedMs = in.u64();
        to.drawn = in.list(DrawnLine::read);
        return to.build();
    }

    /**
     * A builder with empty fields.
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
        to.bytes = bytes;
        to.profile = profile;
        to.title = title;
        to.copy = copy;
        to.id = id;
        to.acceptedMs = acceptedMs;
        to.drawn = drawn;
        return to;
    }

    /**
     * The ESC/POS bytes, final feed and cut included, without marks and without the line with the job's number.
     *
     * @return a copy
     */
    public byte @NotNull [] getBytes() {
        return bytes.clone();
    }

    /**
     * The profile of its printer as it is configured now, as JSON: the paper that the bytes are laid out for.
     *
     * @return it
     */
    public @NotNull String getProfile() {
        return profile;
    }

    /**
     * What it is called.
     *
     * @return it
     */
    public @NotNull String getTitle() {
        return title;
    }

    /**
     * Which copy it is.
     *
     * @return it
     */
    public @NotNull String getCopy() {
        return copy;
    }

    /**
     * The number of the job that it was accepted as: another one than asked for if that is a reprint.
     *
     * @return it
     */
    public long getId() {
        return id;
    }

    /**
     * When it was accepted, in Unix ms.
     *
     * @return it
     */
    public long getAcceptedMs() {
        return acceptedMs;
    }

    /**
     * The lines that were drawn: where in the bytes each begins, its dot rows, and what it says.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<DrawnLine> getDrawn() {
        return drawn;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof StoredReceipt)) {
            return false;
        }
        StoredReceipt that = (StoredReceipt) other;
        return Arrays.equals(bytes, that.bytes)
                && profile.equals(that.profile)
                && title.equals(that.title)
                && copy.equals(that.copy)
                && id == that.id
                && acceptedMs == that.acceptedMs
                && drawn.equals(that.drawn);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(bytes), profile, title, copy, id, acceptedMs, drawn);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("StoredReceipt")
                .add("bytes", bytes.length)
                .add("copy", copy)
                .add("id", id)
                .add("acceptedMs", acceptedMs)
                .toString();
    }

    /** Builds a {@link StoredReceipt}. Not for several threads at once. */
    public static final class Builder {
        private byte[] bytes = new byte[0];
        private String profile = "";
        private String title = "";
        private String copy = "";
        private long id;
        private long acceptedMs;
        private List<DrawnLine> drawn = Collections.emptyList();

        private Builder() {}

        /**
         * The ESC/POS bytes, final feed and cut included, without marks and without the line with the job's
         * number.
         *
         * @param bytes the value
         * @return this
         */
        public @NotNull Builder bytes(byte @NotNull [] bytes) {
            this.bytes = bytes.clone();
            return this;
        }

        /**
         * The profile of its printer as it is configured now, as JSON: the paper that the bytes are laid out for.
         *
         * @param profile the value
         * @return this
         */
        public @NotNull Builder profile(@NotNull String profile) {
            this.profile = Objects.requireNonNull(profile, "profile");
            return this;
        }

        /**
         * What it is called.
         *
         * @param title the value
         * @return this
         */
        public @NotNull Builder title(@NotNull String title) {
            this.title = Objects.requireNonNull(title, "title");
            return this;
        }

        /**
         * Which copy it is.
         *
         * @param copy the value
         * @return this
         */
        public @NotNull Builder copy(@NotNull String copy) {
            this.copy = Objects.requireNonNull(copy, "copy");
            return this;
        }

        /**
         * The number of the job that it was accepted as: another one than asked for if that is a reprint.
         *
         * @param id the value
         * @return this
         */
        public @NotNull Builder id(long id) {
            this.id = id;
            return this;
        }

        /**
         * When it was accepted, in Unix ms.
         *
         * @param acceptedMs the value
         * @return this
         */
        public @NotNull Builder acceptedMs(long acceptedMs) {
            this.acceptedMs = acceptedMs;
            return this;
        }

        /**
         * The lines that were drawn: where in the bytes each begins, its dot rows, and what it says.
         *
         * @param drawn the value
         * @return this
         */
        public @NotNull Builder drawn(@NotNull List<DrawnLine> drawn) {
            this.drawn = Collections.unmodifiableList(new ArrayList<>(drawn));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull StoredReceipt build() {
            return new StoredReceipt(this);
        }
    }
}
