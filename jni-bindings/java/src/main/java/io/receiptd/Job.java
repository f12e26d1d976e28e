package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * A job, as far as the caller may see it, as it was when the daemon said so. Immutable.
 *
 * <p>Times are Unix milliseconds of the daemon's clock, lengths are millimetres.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class Job {
    private final long id;
    private final String key;
    private final String printer;
    private final JobState state;
    private final CutState cut;
    private final String title;
    private final String copy;
    private final long ownerUid;
    private final long acceptedMs;
    private final int attempts;
    private final int duplicate;
    private final long bytes;
    private final int lines;
    private final int lengthMm;
    private final int progressLine;
    private final boolean bodyAvailable;
    private final Grade grade;
    private final Long finishedMs;
    private final String pausedReason;
    private final String reason;
    private final Long reprintOf;
    private final List<StoryItem> story;

    private Job(Builder from) {
        id = from.id;
        key = from.key;
        printer = from.printer;
        state = from.state;
        cut = from.cut;
        title = from.title;
        copy = from.copy;
        ownerUid = from.ownerUid;
        acceptedMs = from.acceptedMs;
        attempts = from.attempts;
        duplicate = from.duplicate;
        bytes = from.bytes;
        lines = from.lines;
        lengthMm = from.lengthMm;
        progressLine = from.progressLine;
        bodyAvailable = from.bodyAvailable;
        grade = from.grade;
        finishedMs = from.finishedMs;
        pausedReason = from.pausedReason;
        reason = from.reason;
        reprintOf = from.reprintOf;
        story = from.story;
    }

    static Job read(FrameReader in) {
        Builder to = new Builder();
        to.id = in.u64();
        to.key = in.string();
        to.printer = in.string();
        to.state = JobState.read(in);
        to.cut = CutState.read(in);
        to.title = in.string();
        to.copy = in.string();
        to.ownerUid = in.u32();
        to.acceptedMs = in.u64();
        to.attempts = in.count32();
        to.duplicate = in.count32();
        to.bytes = in.u64();
        to.lines = in.count32();
        to.lengthMm = in.count32();
        to.progressLine = in.count32();
        to.bodyAvailable = in.bool();
        to.grade = in.optional(Grade::read);
        to.finishedMs = in.optional(FrameReader::u64);
        to.pausedReason = in.optional(FrameReader::string);
        to.reason = in.optional(FrameReader::string);
        to.reprintOf = in.optional(FrameReader::u64);
        to.story = in.list(StoryItem::read);
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
        to.id = id;
        to.key = key;
        to.printer = printer;
        to.state = state;
        to.cut = cut;
        to.title = title;
        to.copy = copy;
        to.ownerUid = ownerUid;
        to.acceptedMs = acceptedMs;
        to.attempts = attempts;
        to.duplicate = duplicate;
        to.bytes = bytes;
        to.lines = lines;
        to.lengthMm = lengthMm;
        to.progressLine = progressLine;
        to.bodyAvailable = bodyAvailable;
        to.grade = grade;
        to.finishedMs = finishedMs;
        to.pausedReason = pausedReason;
        to.reason = reason;
        to.reprintOf = reprintOf;
        to.story = story;
        return to;
    }

    /**
     * Whether it has ended: nothing more will happen to it by itself.
     *
     * @return as {@link JobState#hasEnded()}
     */
    public boolean hasEnded() {
        return state.hasEnded();
    }

    /**
     * The daemon's number of the job; never used again.
     *
     * @return it
     */
    public long getId() {
        return id;
    }

    /**
     * The caller's key.
     *
     * @return it
     */
    public @NotNull String getKey() {
        return key;
    }

    /**
     * The name of the printer.
     *
     * @return it
     */
    public @NotNull String getPrinter() {
        return printer;
    }

    /**
     * What it is now.
     *
     * @return it
     */
    public @NotNull JobState getState() {
        return state;
    }

    /**
     * What became of the cut.
     *
     * @return it
     */
    public @NotNull CutState getCut() {
        return cut;
    }

    /**
     * What the caller called it.
     *
     * @return it
     */
    public @NotNull String getTitle() {
        return title;
    }

    /**
     * Which copy it is, for example {@code customer}; empty if the document does not name copies.
     *
     * @return it
     */
    public @NotNull String getCopy() {
        return copy;
    }

    /**
     * Whose it is: the Unix uid of the caller.
     *
     * @return it
     */
    public long getOwnerUid() {
        return ownerUid;
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
     * How many times printing was tried.
     *
     * @return it
     */
    public int getAttempts() {
        return attempts;
    }

    /**
     * 0 for a first print; n if it carries the mark "duplicate no. n".
     *
     * @return it
     */
    public int getDuplicate() {
        return duplicate;
    }

    /**
     * The size of what goes to the printer, in bytes.
     *
     * @return it
     */
    public long getBytes() {
        return bytes;
    }

    /**
     * The printed lines, as estimated.
     *
     * @return it
     */
    public int getLines() {
        return lines;
    }

    /**
     * The length on paper in mm, as estimated.
     *
     * @return it
     */
    public int getLengthMm() {
        return lengthMm;
    }

    /**
     * Up to which line it is proven to be on paper in the present or last attempt.
     *
     * @return it
     */
    public int getProgressLine() {
        return progressLine;
    }

    /**
     * Whether the document is still stored, so that {@code Reprint} can work.
     *
     * @return it
     */
    public boolean isBodyAvailable() {
        return bodyAvailable;
    }

    /**
     * The grade of the evidence; absent until there is some.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Grade getGrade() {
        return grade;
    }

    /**
     * When it ended, in Unix ms.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getFinishedMs() {
        return finishedMs;
    }

    /**
     * Why it does not go on right now, for example {@code paper-out}.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getPausedReason() {
        return pausedReason;
    }

    /**
     * Why it is held, uncertain, canceled or expired.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getReason() {
        return reason;
    }

    /**
     * The job of which this is a reprint.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getReprintOf() {
        return reprintOf;
    }

    /**
     * How it got here, oldest first. Only from {@code getJob}; empty elsewhere.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<StoryItem> getStory() {
        return story;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Job)) {
            return false;
        }
        Job that = (Job) other;
        return id == that.id
                && key.equals(that.key)
                && printer.equals(that.printer)
                && state == that.state
                && cut == that.cut
                && title.equals(that.title)
                && copy.equals(that.copy)
                && ownerUid == that.ownerUid
                && acceptedMs == that.acceptedMs
                && attempts == that.attempts
                && duplicate == that.duplicate
                && bytes == that.bytes
                && lines == that.lines
                && lengthMm == that.lengthMm
                && progressLine == that.progressLine
                && bodyAvailable == that.bodyAvailable
                && Objects.equals(grade, that.grade)
                && Objects.equals(finishedMs, that.finishedMs)
                && Objects.equals(pausedReason, that.pausedReason)
                && Objects.equals(reason, that.reason)
                && Objects.equals(reprintOf, that.reprintOf)
                && story.equals(that.story);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, key, printer, state, cut, title, copy, ownerUid, acceptedMs, attempts, duplicate, bytes,
                lines, lengthMm, progressLine, bodyAvailable, grade, finishedMs, pausedReason, reason, reprintOf,
                story);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("Job")
                .add("id", id)
                .add("key", key)
                .add("printer", printer)
                .add("state", state)
                .add("cut", cut)
                .add("copy", copy)
                .add("ownerUid", ownerUid)
                .add("acceptedMs", acceptedMs)
                .add("attempts", attempts)
                .add("duplicate", duplicate)
                .add("bytes", bytes)
                .add("lines", lines)
                .add("lengthMm", lengthMm)
                .add("progressLine", progressLine)
                .add("bodyAvailable", bodyAvailable)
                .add("grade", grade)
                .add("finishedMs", finishedMs)
                .add("pausedReason", pausedReason)
                .add("reason", reason)
                .add("reprintOf", reprintOf)
                .toString();
    }

    /** Builds a {@link Job}. Not for several threads at once. */
    public static final class Builder {
        private long id;
        private String key = "";
        private String printer = "";
        private JobState state = JobState.UNKNOWN;
        private CutState cut = CutState.UNKNOWN;
        private String title = "";
        private String copy = "";
        private long ownerUid;
        private long acceptedMs;
        private int attempts;
        private int duplicate;
        private long bytes;
        private int lines;
        private int lengthMm;
        private int progressLine;
        private boolean bodyAvailable;
        private Grade grade;
        private Long finishedMs;
        private String pausedReason;
        private String reason;
        private Long reprintOf;
        private List<StoryItem> story = Collections.emptyList();

        private Builder() {}

        /**
         * The daemon's number of the job; never used again.
         *
         * @param id the value
         * @return this
         */
        public @NotNull Builder id(long id) {
            this.id = id;
            return this;
        }

        /**
         * The caller's key.
         *
         * @param key the value
         * @return this
         */
        public @NotNull Builder key(@NotNull String key) {
            this.key = Objects.requireNonNull(key, "key");
            return this;
        }

        /**
         * The name of the printer.
         *
         * @param printer the value
         * @return this
         */
        public @NotNull Builder printer(@NotNull String printer) {
            this.printer = Objects.requireNonNull(printer, "printer");
            return this;
        }

        /**
         * What it is now.
         *
         * @param state the value
         * @return this
         */
        public @NotNull Builder state(@NotNull JobState state) {
            this.state = Objects.requireNonNull(state, "state");
            return this;
        }

        /**
         * What became of the cut.
         *
         * @param cut the value
         * @return this
         */
        public @NotNull Builder cut(@NotNull CutState cut) {
            this.cut = Objects.requireNonNull(cut, "cut");
            return this;
        }

        /**
         * What the caller called it.
         *
         * @param title the value
         * @return this
         */
        public @NotNull Builder title(@NotNull String title) {
            this.title = Objects.requireNonNull(title, "title");
            return this;
        }

        /**
         * Which copy it is, for example {@code customer}; empty if the document does not name copies.
         *
         * @param copy the value
         * @return this
         */
        public @NotNull Builder copy(@NotNull String copy) {
            this.copy = Objects.requireNonNull(copy, "copy");
            return this;
        }

        /**
         * Whose it is: the Unix uid of the caller.
         *
         * @param ownerUid the value
         * @return this
         */
        public @NotNull Builder ownerUid(long ownerUid) {
            this.ownerUid = ownerUid;
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
         * How many times printing was tried.
         *
         * @param attempts the value
         * @return this
         */
        public @NotNull Builder attempts(int attempts) {
            this.attempts = attempts;
            return this;
        }

        /**
         * 0 for a first print; n if it carries the mark "duplicate no. n".
         *
         * @param duplicate the value
         * @return this
         */
        public @NotNull Builder duplicate(int duplicate) {
            this.duplicate = duplicate;
            return this;
        }

        /**
         * The size of what goes to the printer, in bytes.
         *
         * @param bytes the value
         * @return this
         */
        public @NotNull Builder bytes(long bytes) {
            this.bytes = bytes;
            return this;
        }

        /**
         * The printed lines, as estimated.
         *
         * @param lines the value
         * @return this
         */
        public @NotNull Builder lines(int lines) {
            this.lines = lines;
            return this;
        }

        /**
         * The length on paper in mm, as estimated.
         *
         * @param lengthMm the value
         * @return this
         */
        public @NotNull Builder lengthMm(int lengthMm) {
            this.lengthMm = lengthMm;
            return this;
        }

        /**
         * Up to which line it is proven to be on paper in the present or last attempt.
         *
         * @param progressLine the value
         * @return this
         */
        public @NotNull Builder progressLine(int progressLine) {
            this.progressLine = progressLine;
            return this;
        }

        /**
         * Whether the document is still stored, so that {@code Reprint} can work.
         *
         * @param bodyAvailable the value
         * @return this
         */
        public @NotNull Builder bodyAvailable(boolean bodyAvailable) {
            this.bodyAvailable = bodyAvailable;
            return this;
        }

        /**
         * The grade of the evidence; absent until there is some.
         *
         * @param grade the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder grade(@Nullable Grade grade) {
            this.grade = grade;
            return this;
        }

        /**
         * When it ended, in Unix ms.
         *
         * @param finishedMs the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder finishedMs(@Nullable Long finishedMs) {
            this.finishedMs = finishedMs;
            return this;
        }

        /**
         * Why it does not go on right now, for example {@code paper-out}.
         *
         * @param pausedReason the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder pausedReason(@Nullable String pausedReason) {
            this.pausedReason = pausedReason;
            return this;
        }

        /**
         * Why it is held, uncertain, canceled or expired.
         *
         * @param reason the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reason(@Nullable String reason) {
            this.reason = reason;
            return this;
        }

        /**
         * The job of which this is a reprint.
         *
         * @param reprintOf the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reprintOf(@Nullable Long reprintOf) {
            this.reprintOf = reprintOf;
            return this;
        }

        /**
         * How it got here, oldest first. Only from {@code getJob}; empty elsewhere.
         *
         * @param story the value
         * @return this
         */
        public @NotNull Builder story(@NotNull List<StoryItem> story) {
            this.story = Collections.unmodifiableList(new ArrayList<>(story));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull Job build() {
            return new Job(this);
        }
    }
}
