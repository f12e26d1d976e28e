package io.receiptd;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** The job of one copy. Immutable. */
public final class CopyJob {
    private final long id;
    private final String copy;

    /**
     * A value of its own, for tests of an app.
     *
     * @param id the id of the job.
     * @param copy the name of the copy: {@code merchant}, {@code customer}, ...; empty if the document does
     *     not name copies.
     */
    public CopyJob(long id, @NotNull String copy) {
        this.id = id;
        this.copy = Objects.requireNonNull(copy, "copy");
    }

    static CopyJob read(FrameReader in) {
        long id = in.u64();
        String copy = in.string();
        return new CopyJob(id, copy);
    }

    /**
     * The id of the job.
     *
     * @return it
     */
    public long getId() {
        return id;
    }

    /**
     * The name of the copy: {@code merchant}, {@code customer}, ...; empty if the document does not name copies.
     *
     * @return it
     */
    public @NotNull String getCopy() {
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof CopyJob)) {
            return false;
        }
        CopyJob that = (CopyJob) other;
        return id == that.id && copy.equals(that.copy);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, copy);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("CopyJob").add("id", id).add("copy", copy).toString();
    }
}
