package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** One page of jobs. Immutable. */
public final class JobPage {
    private final List<Job> jobs;
    private final String next;

    /**
     * A value of its own, for tests of an app.
     *
     * @param jobs the jobs
     * @param next the cursor of the next page; empty: this is the last
     */
    public JobPage(@NotNull List<Job> jobs, @NotNull String next) {
        this.jobs = Collections.unmodifiableList(new ArrayList<>(jobs));
        this.next = Objects.requireNonNull(next, "next");
    }

    static JobPage read(FrameReader in) {
        List<Job> jobs = in.list(Job::read);
        return new JobPage(jobs, in.string());
    }

    /**
     * The jobs, in the order asked for, without their stories.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<Job> getJobs() {
        return jobs;
    }

    /**
     * What to put into {@link JobFilter.Builder#after} for the next page.
     *
     * @return a cursor; empty: this was the last page
     */
    public @NotNull String getNext() {
        return next;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobPage && jobs.equals(((JobPage) other).jobs) && next.equals(((JobPage) other).next);
    }

    @Override
    public int hashCode() {
        return Objects.hash(jobs, next);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("JobPage").add("jobs", jobs.size()).add("next", next).toString();
    }
}
