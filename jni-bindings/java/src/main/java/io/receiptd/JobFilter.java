package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Which jobs are wanted; what is absent does not restrict. Immutable. */
public final class JobFilter {
    private final String printer;
    private final JobState state;
    private final Long ownerUid;
    private final Long sinceMs;
    private final Long untilMs;
    private final String key;
    private final Boolean activeOnly;
    private final Boolean newestFirst;
    private final Integer limit;
    private final String after;

    private JobFilter(Builder from) {
        printer = from.printer;
        state = from.state;
        ownerUid = from.ownerUid;
        sinceMs = from.sinceMs;
        untilMs = from.untilMs;
        key = from.key;
        activeOnly = from.activeOnly;
        newestFirst = from.newestFirst;
        limit = from.limit;
        after = from.after;
    }

    void write(FrameWriter out) {
        out.optionalString(printer);
        out.optionalString(state == null ? null : state.getWord());
        out.optionalU32(ownerUid);
        out.optionalU64(sinceMs);
        out.optionalU64(untilMs);
        out.optionalString(key);
        out.optionalBool(activeOnly);
        out.optionalBool(newestFirst);
        out.optionalU32(limit == null ? null : limit.longValue());
        out.optionalString(after);
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
        to.printer = printer;
        to.state = state;
        to.ownerUid = ownerUid;
        to.sinceMs = sinceMs;
        to.untilMs = untilMs;
        to.key = key;
        to.activeOnly = activeOnly;
        to.newestFirst = newestFirst;
        to.limit = limit;
        to.after = after;
        return to;
    }

    /**
     * Whether this filter lets {@code job} through, paging aside.
     *
     * @param job a job
     * @return whether it is wanted
     */
    public boolean matches(@NotNull Job job) {
        return (printer == null || printer.equals(job.getPrinter()))
                && (state == null || state == job.getState())
                && (ownerUid == null || ownerUid == job.getOwnerUid())
                && (sinceMs == null || job.getAcceptedMs() >= sinceMs)
                && (untilMs == null || job.getAcceptedMs() < untilMs)
                && (key == null || key.equals(job.getKey()))
                && !(activeOnly != null && activeOnly && job.hasEnded());
    }

    /**
     * Only jobs of this printer.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getPrinter() {
        return printer;
    }

    /**
     * Only jobs in this state.
     *
     * @return it, or null if it is absent
     */
    public @Nullable JobState getState() {
        return state;
    }

    /**
     * Only jobs of this user. A caller who is not an operator sees only the own jobs in any case.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getOwnerUid() {
        return ownerUid;
    }

    /**
     * Only jobs accepted at or after this time, in Unix ms.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getSinceMs() {
        return sinceMs;
    }

    /**
     * Only jobs accepted before this time, in Unix ms.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getUntilMs() {
        return untilMs;
    }

    /**
     * Only jobs with this key.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getKey() {
        return key;
    }

    /**
     * Only jobs that have not ended.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Boolean getActiveOnly() {
        return activeOnly;
    }

    /**
     * Begin with the newest; otherwise with the oldest.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Boolean getNewestFirst() {
        return newestFirst;
    }

    /**
     * How many at most on a page: 1 to 500, 100 if absent.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Integer getLimit() {
        return limit;
    }

    /**
     * Go on after the page that gave this cursor.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getAfter() {
        return after;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof JobFilter)) {
            return false;
        }
        JobFilter that = (JobFilter) other;
        return Objects.equals(printer, that.printer)
                && Objects.equals(state, that.state)
                && Objects.equals(ownerUid, that.ownerUid)
                && Objects.equals(sinceMs, that.sinceMs)
                && Objects.equals(untilMs, that.untilMs)
                && Objects.equals(key, that.key)
                && Objects.equals(activeOnly, that.activeOnly)
                && Objects.equals(newestFirst, that.newestFirst)
                && Objects.equals(limit, that.limit)
                && Objects.equals(after, that.after);
    }

    @Override
    public int hashCode() {
        return Objects.hash(printer, state, ownerUid, sinceMs, untilMs, key, activeOnly, newestFirst, limit, after);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("JobFilter")
                .add("printer", printer)
                .add("state", state)
                .add("ownerUid", ownerUid)
                .add("sinceMs", sinceMs)
                .add("untilMs", untilMs)
                .add("key", key)
                .add("activeOnly", activeOnly)
                .add("newestFirst", newestFirst)
                .add("limit", limit)
                .add("after", after)
                .toString();
    }

    /** Builds a {@link JobFilter}. Not for several threads at once. */
    public static final class Builder {
        private String printer;
        private JobState state;
        private Long ownerUid;
        private Long sinceMs;
        private Long untilMs;
        private String key;
        private Boolean activeOnly;
        private Boolean newestFirst;
        private Integer limit;
        private String after;

        private Builder() {}

        /**
         * Only jobs of this printer.
         *
         * @param printer the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder printer(@Nullable String printer) {
            this.printer = printer;
            return this;
        }

        /**
         * Only jobs in this state.
         *
         * @param state the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder state(@Nullable JobState state) {
            this.state = state;
            return this;
        }

        /**
         * Only jobs of this user. A caller who is not an operator sees only the own jobs in any case.
         *
         * @param ownerUid the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder ownerUid(@Nullable Long ownerUid) {
            this.ownerUid = ownerUid;
            return this;
        }

        /**
         * Only jobs accepted at or after this time, in Unix ms.
         *
         * @param sinceMs the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder sinceMs(@Nullable Long sinceMs) {
            this.sinceMs = sinceMs;
            return this;
        }

        /**
         * Only jobs accepted before this time, in Unix ms.
         *
         * @param untilMs the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder untilMs(@Nullable Long untilMs) {
            this.untilMs = untilMs;
            return this;
        }

        /**
         * Only jobs with this key.
         *
         * @param key the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder key(@Nullable String key) {
            this.key = key;
            return this;
        }

        /**
         * Only jobs that have not ended.
         *
         * @param activeOnly the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder activeOnly(@Nullable Boolean activeOnly) {
            this.activeOnly = activeOnly;
            return this;
        }

        /**
         * Begin with the newest; otherwise with the oldest.
         *
         * @param newestFirst the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder newestFirst(@Nullable Boolean newestFirst) {
            this.newestFirst = newestFirst;
            return this;
        }

        /**
         * How many at most on a page: 1 to 500, 100 if absent.
         *
         * @param limit the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder limit(@Nullable Integer limit) {
            this.limit = limit;
            return this;
        }

        /**
         * Go on after the page that gave this cursor.
         *
         * @param after the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder after(@Nullable String after) {
            this.after = after;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull JobFilter build() {
            return new JobFilter(this);
        }
    }
}
