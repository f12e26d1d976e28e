package io.receiptd;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/**
 * One thing that happened to a job. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class StoryItem {
    private final long atMs;
    private final String event;
    private final int attempt;
    private final Map<String, String> params;

    private StoryItem(Builder from) {
        atMs = from.atMs;
        event = from.event;
        attempt = from.attempt;
        params = from.params;
    }

    static StoryItem read(FrameReader in) {
        Builder to = new Builder();
        to.atMs = in.u64();
        to.event = in.string();
        to.attempt = in.count32();
        to.params = in.map();
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
        to.atMs = atMs;
        to.event = event;
        to.attempt = attempt;
        to.params = params;
        return to;
    }

    /**
     * When, in Unix ms.
     *
     * @return it
     */
    public long getAtMs() {
        return atMs;
    }

    /**
     * What, as a code, for example {@code accepted}, {@code sending}, {@code paused}, {@code printed}.
     *
     * @return it
     */
    public @NotNull String getEvent() {
        return event;
    }

    /**
     * In which attempt, from 1; 0 before the first.
     *
     * @return it
     */
    public int getAttempt() {
        return attempt;
    }

    /**
     * The details of the event, as words.
     *
     * @return an unmodifiable map
     */
    public @NotNull Map<String, String> getParams() {
        return params;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof StoryItem)) {
            return false;
        }
        StoryItem that = (StoryItem) other;
        return atMs == that.atMs
                && event.equals(that.event)
                && attempt == that.attempt
                && params.equals(that.params);
    }

    @Override
    public int hashCode() {
        return Objects.hash(atMs, event, attempt, params);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("StoryItem")
                .add("atMs", atMs)
                .add("event", event)
                .add("attempt", attempt)
                .toString();
    }

    /** Builds a {@link StoryItem}. Not for several threads at once. */
    public static final class Builder {
        private long atMs;
        private String event = "";
        private int attempt;
        private Map<String, String> params = Collections.emptyMap();

        private Builder() {}

        /**
         * When, in Unix ms.
         *
         * @param atMs the value
         * @return this
         */
        public @NotNull Builder atMs(long atMs) {
            this.atMs = atMs;
            return this;
        }

        /**
         * What, as a code, for example {@code accepted}, {@code sending}, {@code paused}, {@code printed}.
         *
         * @param event the value
         * @return this
         */
        public @NotNull Builder event(@NotNull String event) {
            this.event = Objects.requireNonNull(event, "event");
            return this;
        }

        /**
         * In which attempt, from 1; 0 before the first.
         *
         * @param attempt the value
         * @return this
         */
        public @NotNull Builder attempt(int attempt) {
            this.attempt = attempt;
            return this;
        }

        /**
         * The details of the event, as words.
         *
         * @param params the value
         * @return this
         */
        public @NotNull Builder params(@NotNull Map<String, String> params) {
            this.params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull StoryItem build() {
            return new StoryItem(this);
        }
    }
}
