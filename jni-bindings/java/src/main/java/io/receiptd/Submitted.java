package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * The answer to a submission: the receipt is on stable storage. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class Submitted {
    private final List<CopyJob> jobs;
    private final boolean existed;
    private final Integer masked;

    private Submitted(Builder from) {
        jobs = from.jobs;
        existed = from.existed;
        masked = from.masked;
    }

    static Submitted read(FrameReader in) {
        Builder to = new Builder();
        to.jobs = in.list(CopyJob::read);
        to.existed = in.bool();
        to.masked = in.optional(FrameReader::count32);
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
        to.jobs = jobs;
        to.existed = existed;
        to.masked = masked;
        return to;
    }

    /**
     * The ids of the jobs, in printing order.
     *
     * @return one for each copy
     */
    public @NotNull List<Long> getJobIds() {
        List<Long> ids = new ArrayList<>(jobs.size());
        for (CopyJob job : jobs) {
            ids.add(job.getId());
        }
        return Collections.unmodifiableList(ids);
    }

    /**
     * One job for each copy, in printing order.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<CopyJob> getJobs() {
        return jobs;
    }

    /**
     * Whether the same key with the same content was accepted before: these are the jobs of then.
     *
     * @return it
     */
    public boolean isExisted() {
        return existed;
    }

    /**
     * Card numbers of the document that were masked before it was stored; absent if there were none, or if it
     * existed before.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Integer getMasked() {
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Submitted)) {
            return false;
        }
        Submitted that = (Submitted) other;
        return jobs.equals(that.jobs)
                && existed == that.existed
                && Objects.equals(masked, that.masked);
    }

    @Override
    public int hashCode() {
        return Objects.hash(jobs, existed, masked);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("Submitted")
                .add("jobs", jobs)
                .add("existed", existed)
                .add("masked", masked)
                .toString();
    }

    /** Builds a {@link Submitted}. Not for several threads at once. */
    public static final class Builder {
        private List<CopyJob> jobs = Collections.emptyList();
        private boolean existed;
        private Integer masked;

        private Builder() {}

        /**
         * One job for each copy, in printing order.
         *
         * @param jobs the value
         * @return this
         */
        public @NotNull Builder jobs(@NotNull List<CopyJob> jobs) {
            this.jobs = Collections.unmodifiableList(new ArrayList<>(jobs));
            return this;
        }

        /**
         * Whether the same key with the same content was accepted before: these are the jobs of then.
         *
         * @param existed the value
         * @return this
         */
        public @NotNull Builder existed(boolean existed) {
            this.existed = existed;
            return this;
        }

        /**
         * Card numbers of the document that were masked before it was stored; absent if there were none, or if it
         * existed before.
         *
         * @param masked the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder masked(@Nullable Integer masked) {
            this.masked = masked;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull Submitted build() {
            return new Submitted(this);
        }
    }
}
