package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * Whether a slip of some length would come out now. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class CanPrintAnswer {
    private final boolean can;
    private final List<String> reasons;
    private final int queueAhead;
    private final long waitMs;
    private final Paper paper;
    private final Grade grade;

    private CanPrintAnswer(Builder from) {
        can = from.can;
        reasons = from.reasons;
        queueAhead = from.queueAhead;
        waitMs = from.waitMs;
        paper = from.paper;
        grade = from.grade;
    }

    static CanPrintAnswer read(FrameReader in) {
        Builder to = new Builder();
        to.can = in.bool();
        to.reasons = in.strings();
        to.queueAhead = in.count32();
        to.waitMs = in.u64();
        to.paper = Paper.read(in);
        to.grade = in.optional(Grade::read);
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
        to.can = can;
        to.reasons = reasons;
        to.queueAhead = queueAhead;
        to.waitMs = waitMs;
        to.paper = paper;
        to.grade = grade;
        return to;
    }

    /**
     * Whether it would.
     *
     * @return it
     */
    public boolean isCan() {
        return can;
    }

    /**
     * Why not, or what to expect, for example {@code paper-near-end}.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<String> getReasons() {
        return reasons;
    }

    /**
     * How many jobs would come out before it.
     *
     * @return it
     */
    public int getQueueAhead() {
        return queueAhead;
    }

    /**
     * How long until it would begin to print, in ms, as estimated; 0 if {@code can} is false.
     *
     * @return it
     */
    public long getWaitMs() {
        return waitMs;
    }

    /**
     * What the printer knows of its paper: {@code ok}, {@code near-end}, {@code out}, {@code unknown}.
     *
     * @return it
     */
    public @NotNull Paper getPaper() {
        return paper;
    }

    /**
     * The grade of evidence this printer can give.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Grade getGrade() {
        return grade;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof CanPrintAnswer)) {
            return false;
        }
        CanPrintAnswer that = (CanPrintAnswer) other;
        return can == that.can
                && reasons.equals(that.reasons)
                && queueAhead == that.queueAhead
                && waitMs == that.waitMs
                && paper == that.paper
                && Objects.equals(grade, that.grade);
    }

    @Override
    public int hashCode() {
        return Objects.hash(can, reasons, queueAhead, waitMs, paper, grade);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("CanPrintAnswer")
                .add("can", can)
                .add("reasons", reasons)
                .add("queueAhead", queueAhead)
                .add("waitMs", waitMs)
                .add("paper", paper)
                .add("grade", grade)
                .toString();
    }

    /** Builds a {@link CanPrintAnswer}. Not for several threads at once. */
    public static final class Builder {
        private boolean can;
        private List<String> reasons = Collections.emptyList();
        private int queueAhead;
        private long waitMs;
        private Paper paper = Paper.UNKNOWN;
        private Grade grade;

        private Builder() {}

        /**
         * Whether it would.
         *
         * @param can the value
         * @return this
         */
        public @NotNull Builder can(boolean can) {
            this.can = can;
            return this;
        }

        /**
         * Why not, or what to expect, for example {@code paper-near-end}.
         *
         * @param reasons the value
         * @return this
         */
        public @NotNull Builder reasons(@NotNull List<String> reasons) {
            this.reasons = Collections.unmodifiableList(new ArrayList<>(reasons));
            return this;
        }

        /**
         * How many jobs would come out before it.
         *
         * @param queueAhead the value
         * @return this
         */
        public @NotNull Builder queueAhead(int queueAhead) {
            this.queueAhead = queueAhead;
            return this;
        }

        /**
         * How long until it would begin to print, in ms, as estimated; 0 if {@code can} is false.
         *
         * @param waitMs the value
         * @return this
         */
        public @NotNull Builder waitMs(long waitMs) {
            this.waitMs = waitMs;
            return this;
        }

        /**
         * What the printer knows of its paper: {@code ok}, {@code near-end}, {@code out}, {@code unknown}.
         *
         * @param paper the value
         * @return this
         */
        public @NotNull Builder paper(@NotNull Paper paper) {
            this.paper = Objects.requireNonNull(paper, "paper");
            return this;
        }

        /**
         * The grade of evidence this printer can give.
         *
         * @param grade the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder grade(@Nullable Grade grade) {
            this.grade = grade;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull CanPrintAnswer build() {
            return new CanPrintAnswer(this);
        }
    }
}
