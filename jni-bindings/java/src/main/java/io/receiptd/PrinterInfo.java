package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * A printer, as it was when the daemon said so. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class PrinterInfo {
    private final String name;
    private final PrinterState state;
    private final List<String> reasons;
    private final boolean online;
    private final Paper paper;
    private final Grade grade;
    private final String model;
    private final String serial;
    private final String endpoint;
    private final int queueLength;
    private final long currentJob;
    private final long sinceMs;

    private PrinterInfo(Builder from) {
        name = from.name;
        state = from.state;
        reasons = from.reasons;
        online = from.online;
        paper = from.paper;
        grade = from.grade;
        model = from.model;
        serial = from.serial;
        endpoint = from.endpoint;
        queueLength = from.queueLength;
        currentJob = from.currentJob;
        sinceMs = from.sinceMs;
    }

    static PrinterInfo read(FrameReader in) {
        Builder to = new Builder();
        to.name = in.string();
        to.state = PrinterState.read(in);
        to.reasons = in.strings();
        to.online = in.bool();
        to.paper = Paper.read(in);
        to.grade = gradeOrNull(in.string());
        to.model = in.string();
        to.serial = in.string();
        to.endpoint = in.string();
        to.queueLength = in.count32();
        to.currentJob = in.u64();
        to.sinceMs = in.u64();
        return to.build();
    }

    private static Grade gradeOrNull(String word) {
        return word.isEmpty() ? null : Grade.of(word);
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
        to.name = name;
        to.state = state;
        to.reasons = reasons;
        to.online = online;
        to.paper = paper;
        to.grade = grade;
        to.model = model;
        to.serial = serial;
        to.endpoint = endpoint;
        to.queueLength = queueLength;
        to.currentJob = currentJob;
        to.sinceMs = sinceMs;
        return to;
    }

    /**
     * Its configured name.
     *
     * @return it
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * What it is doing.
     *
     * @return it
     */
    public @NotNull PrinterState getState() {
        return state;
    }

    /**
     * Why it does not print, or what is wrong: {@code cover-open}, {@code paper-out}, {@code paper-near-end},
     * {@code cutter}, {@code hot}, {@code unrecoverable}, {@code offline}, {@code busy}, {@code denied}, {@code
     * ambiguous}, {@code halted}, {@code suspended}, …
     *
     * @return an unmodifiable list
     */
    public @NotNull List<String> getReasons() {
        return reasons;
    }

    /**
     * Whether it is connected and open.
     *
     * @return it
     */
    public boolean isOnline() {
        return online;
    }

    /**
     * What it knows of its paper: {@code ok}, {@code near-end}, {@code out}, {@code unknown}.
     *
     * @return it
     */
    public @NotNull Paper getPaper() {
        return paper;
    }

    /**
     * The grade of evidence it can give; absent until probed.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Grade getGrade() {
        return grade;
    }

    /**
     * Maker and model, as it says.
     *
     * @return it
     */
    public @NotNull String getModel() {
        return model;
    }

    /**
     * Its serial number, as it says; empty if it has none.
     *
     * @return it
     */
    public @NotNull String getSerial() {
        return serial;
    }

    /**
     * Where it is, for example {@code usb:04b8:0202@1-1.2 (EPSON TM-T88)} or {@code tcp:192.0.2.7:9100}.
     *
     * @return it
     */
    public @NotNull String getEndpoint() {
        return endpoint;
    }

    /**
     * How many jobs wait for it, the one being printed included.
     *
     * @return it
     */
    public int getQueueLength() {
        return queueLength;
    }

    /**
     * The job it is printing; 0 if none.
     *
     * @return it
     */
    public long getCurrentJob() {
        return currentJob;
    }

    /**
     * Since when it is in this state, in Unix ms.
     *
     * @return it
     */
    public long getSinceMs() {
        return sinceMs;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof PrinterInfo)) {
            return false;
        }
        PrinterInfo that = (PrinterInfo) other;
        return name.equals(that.name)
                && state == that.state
                && reasons.equals(that.reasons)
                && online == that.online
                && paper == that.paper
                && Objects.equals(grade, that.grade)
                && model.equals(that.model)
                && serial.equals(that.serial)
                && endpoint.equals(that.endpoint)
                && queueLength == that.queueLength
                && currentJob == that.currentJob
                && sinceMs == that.sinceMs;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, state, reasons, online, paper, grade, model, serial, endpoint, queueLength,
                currentJob, sinceMs);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("PrinterInfo")
                .add("name", name)
                .add("state", state)
                .add("reasons", reasons)
                .add("online", online)
                .add("paper", paper)
                .add("grade", grade)
                .add("model", model)
                .add("serial", serial)
                .add("endpoint", endpoint)
                .add("queueLength", queueLength)
                .add("currentJob", currentJob)
                .add("sinceMs", sinceMs)
                .toString();
    }

    /** Builds a {@link PrinterInfo}. Not for several threads at once. */
    public static final class Builder {
        private String name = "";
        private PrinterState state = PrinterState.UNKNOWN;
        private List<String> reasons = Collections.emptyList();
        private boolean online;
        private Paper paper = Paper.UNKNOWN;
        private Grade grade;
        private String model = "";
        private String serial = "";
        private String endpoint = "";
        private int queueLength;
        private long currentJob;
        private long sinceMs;

        private Builder() {}

        /**
         * Its configured name.
         *
         * @param name the value
         * @return this
         */
        public @NotNull Builder name(@NotNull String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * What it is doing.
         *
         * @param state the value
         * @return this
         */
        public @NotNull Builder state(@NotNull PrinterState state) {
            this.state = Objects.requireNonNull(state, "state");
            return this;
        }

        /**
         * Why it does not print, or what is wrong: {@code cover-open}, {@code paper-out}, {@code paper-near-end},
         * {@code cutter}, {@code hot}, {@code unrecoverable}, {@code offline}, {@code busy}, {@code denied},
         * {@code ambiguous}, {@code halted}, {@code suspended}, …
         *
         * @param reasons the value
         * @return this
         */
        public @NotNull Builder reasons(@NotNull List<String> reasons) {
            this.reasons = Collections.unmodifiableList(new ArrayList<>(reasons));
            return this;
        }

        /**
         * Whether it is connected and open.
         *
         * @param online the value
         * @return this
         */
        public @NotNull Builder online(boolean online) {
            this.online = online;
            return this;
        }

        /**
         * What it knows of its paper: {@code ok}, {@code near-end}, {@code out}, {@code unknown}.
         *
         * @param paper the value
         * @return this
         */
        public @NotNull Builder paper(@NotNull Paper paper) {
            this.paper = Objects.requireNonNull(paper, "paper");
            return this;
        }

        /**
         * The grade of evidence it can give; absent until probed.
         *
         * @param grade the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder grade(@Nullable Grade grade) {
            this.grade = grade;
            return this;
        }

        /**
         * Maker and model, as it says.
         *
         * @param model the value
         * @return this
         */
        public @NotNull Builder model(@NotNull String model) {
            this.model = Objects.requireNonNull(model, "model");
            return this;
        }

        /**
         * Its serial number, as it says; empty if it has none.
         *
         * @param serial the value
         * @return this
         */
        public @NotNull Builder serial(@NotNull String serial) {
            this.serial = Objects.requireNonNull(serial, "serial");
            return this;
        }

        /**
         * Where it is, for example {@code usb:04b8:0202@1-1.2 (EPSON TM-T88)} or {@code tcp:192.0.2.7:9100}.
         *
         * @param endpoint the value
         * @return this
         */
        public @NotNull Builder endpoint(@NotNull String endpoint) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            return this;
        }

        /**
         * How many jobs wait for it, the one being printed included.
         *
         * @param queueLength the value
         * @return this
         */
        public @NotNull Builder queueLength(int queueLength) {
            this.queueLength = queueLength;
            return this;
        }

        /**
         * The job it is printing; 0 if none.
         *
         * @param currentJob the value
         * @return this
         */
        public @NotNull Builder currentJob(long currentJob) {
            this.currentJob = currentJob;
            return this;
        }

        /**
         * Since when it is in this state, in Unix ms.
         *
         * @param sinceMs the value
         * @return this
         */
        public @NotNull Builder sinceMs(long sinceMs) {
            this.sinceMs = sinceMs;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull PrinterInfo build() {
            return new PrinterInfo(this);
        }
    }
}
