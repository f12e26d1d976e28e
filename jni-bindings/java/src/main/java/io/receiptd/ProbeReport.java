package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * What came of a probe: what a printer really answers. Immutable.
 *
 * <p>The builder is for tests of an app: what the daemon said comes ready.
 */
public final class ProbeReport {
    private final String printer;
    private final String endpoint;
    private final boolean complete;
    private final Grade grade;
    private final String model;
    private final String serial;
    private final String firmware;
    private final int lengthMm;
    private final long bytes;
    private final String entry;
    private final String reason;
    private final Long takenUs;
    private final String usbId;
    private final String usbSerial;
    private final String usbPort;
    private final String usbInterface;
    private final String usbDeviceId;
    private final List<ProbeAnswer> answers;

    private ProbeReport(Builder from) {
        printer = from.printer;
        endpoint = from.endpoint;
        complete = from.complete;
        grade = from.grade;
        model = from.model;
        serial = from.serial;
        firmware = from.firmware;
        lengthMm = from.lengthMm;
        bytes = from.bytes;
        entry = from.entry;
        reason = from.reason;
        takenUs = from.takenUs;
        usbId = from.usbId;
        usbSerial = from.usbSerial;
        usbPort = from.usbPort;
        usbInterface = from.usbInterface;
        usbDeviceId = from.usbDeviceId;
        answers = from.answers;
    }

    static ProbeReport read(FrameReader in) {
        Builder to = new Builder();
        to.printer = in.string();
        to.endpoint = in.string();
        to.complete = in.bool();
        to.grade = gradeOrNull(in.string());
        to.model = in.string();
        to.serial = in.string();
        to.firmware = in.string();
        to.lengthMm = in.count32();
        to.bytes = in.u64();
        to.entry = in.string();
        to.reason = in.optional(FrameReader::string);
        to.takenUs = in.optional(FrameReader::u64);
        to.usbId = in.optional(FrameReader::string);
        to.usbSerial = in.optional(FrameReader::string);
        to.usbPort = in.optional(FrameReader::string);
        to.usbInterface = in.optional(FrameReader::string);
        to.usbDeviceId = in.optional(FrameReader::string);
        to.answers = in.list(ProbeAnswer::read);
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
        to.printer = printer;
        to.endpoint = endpoint;
        to.complete = complete;
        to.grade = grade;
        to.model = model;
        to.serial = serial;
        to.firmware = firmware;
        to.lengthMm = lengthMm;
        to.bytes = bytes;
        to.entry = entry;
        to.reason = reason;
        to.takenUs = takenUs;
        to.usbId = usbId;
        to.usbSerial = usbSerial;
        to.usbPort = usbPort;
        to.usbInterface = usbInterface;
        to.usbDeviceId = usbDeviceId;
        to.answers = answers;
        return to;
    }

    /**
     * The printer's configured name.
     *
     * @return it
     */
    public @NotNull String getPrinter() {
        return printer;
    }

    /**
     * Where it is, as in {@link PrinterInfo}.
     *
     * @return it
     */
    public @NotNull String getEndpoint() {
        return endpoint;
    }

    /**
     * Whether it went to its end.
     *
     * @return it
     */
    public boolean isComplete() {
        return complete;
    }

    /**
     * The best evidence it can give, by all that is known of it now; absent if nothing is.
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
     * Its serial number, as it says.
     *
     * @return it
     */
    public @NotNull String getSerial() {
        return serial;
    }

    /**
     * Its firmware version, as it says.
     *
     * @return it
     */
    public @NotNull String getFirmware() {
        return firmware;
    }

    /**
     * The length of the page with the feed behind it, in mm.
     *
     * @return it
     */
    public int getLengthMm() {
        return lengthMm;
    }

    /**
     * What the page had, in bytes.
     *
     * @return it
     */
    public long getBytes() {
        return bytes;
    }

    /**
     * The draft of a {@code [[quirk]]} entry, as TOML, to be completed by a person.
     *
     * @return it
     */
    public @NotNull String getEntry() {
        return entry;
    }

    /**
     * Why it ended early, for example {@code paper-out}, {@code link-lost}, {@code stalled}.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getReason() {
        return reason;
    }

    /**
     * How long the page took to be taken, in microseconds; absent if it was not.
     *
     * @return it, or null if it is absent
     */
    public @Nullable Long getTakenUs() {
        return takenUs;
    }

    /**
     * On USB: vendor and product id, for example {@code 04b8:0202}.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getUsbId() {
        return usbId;
    }

    /**
     * The serial number of its USB descriptor, if it has one.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getUsbSerial() {
        return usbSerial;
    }

    /**
     * Where it is plugged in, as the kernel names it.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getUsbPort() {
        return usbPort;
    }

    /**
     * The interface that prints, its class, and whether it is read.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getUsbInterface() {
        return usbInterface;
    }

    /**
     * Maker and model of its IEEE 1284 device id, if it tells one.
     *
     * @return it, or null if it is absent
     */
    public @Nullable String getUsbDeviceId() {
        return usbDeviceId;
    }

    /**
     * What was asked, in that order.
     *
     * @return an unmodifiable list
     */
    public @NotNull List<ProbeAnswer> getAnswers() {
        return answers;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof ProbeReport)) {
            return false;
        }
        ProbeReport that = (ProbeReport) other;
        return printer.equals(that.printer)
                && endpoint.equals(that.endpoint)
                && complete == that.complete
                && Objects.equals(grade, that.grade)
                && model.equals(that.model)
                && serial.equals(that.serial)
                && firmware.equals(that.firmware)
                && lengthMm == that.lengthMm
                && bytes == that.bytes
                && entry.equals(that.entry)
                && Objects.equals(reason, that.reason)
                && Objects.equals(takenUs, that.takenUs)
                && Objects.equals(usbId, that.usbId)
                && Objects.equals(usbSerial, that.usbSerial)
                && Objects.equals(usbPort, that.usbPort)
                && Objects.equals(usbInterface, that.usbInterface)
                && Objects.equals(usbDeviceId, that.usbDeviceId)
                && answers.equals(that.answers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(printer, endpoint, complete, grade, model, serial, firmware, lengthMm, bytes, entry, reason,
                takenUs, usbId, usbSerial, usbPort, usbInterface, usbDeviceId, answers);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("ProbeReport")
                .add("printer", printer)
                .add("endpoint", endpoint)
                .add("complete", complete)
                .add("grade", grade)
                .add("model", model)
                .add("serial", serial)
                .add("firmware", firmware)
                .add("lengthMm", lengthMm)
                .add("bytes", bytes)
                .add("reason", reason)
                .add("takenUs", takenUs)
                .add("usbId", usbId)
                .add("usbSerial", usbSerial)
                .add("usbPort", usbPort)
                .add("usbInterface", usbInterface)
                .add("usbDeviceId", usbDeviceId)
                .add("answers", answers)
                .toString();
    }

    /** Builds a {@link ProbeReport}. Not for several threads at once. */
    public static final class Builder {
        private String printer = "";
        private String endpoint = "";
        private boolean complete;
        private Grade grade;
        private String model = "";
        private String serial = "";
        private String firmware = "";
        private int lengthMm;
        private long bytes;
        private String entry = "";
        private String reason;
        private Long takenUs;
        private String usbId;
        private String usbSerial;
        private String usbPort;
        private String usbInterface;
        private String usbDeviceId;
        private List<ProbeAnswer> answers = Collections.emptyList();

        private Builder() {}

        /**
         * The printer's configured name.
         *
         * @param printer the value
         * @return this
         */
        public @NotNull Builder printer(@NotNull String printer) {
            this.printer = Objects.requireNonNull(printer, "printer");
            return this;
        }

        /**
         * Where it is, as in {@link PrinterInfo}.
         *
         * @param endpoint the value
         * @return this
         */
        public @NotNull Builder endpoint(@NotNull String endpoint) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            return this;
        }

        /**
         * Whether it went to its end.
         *
         * @param complete the value
         * @return this
         */
        public @NotNull Builder complete(boolean complete) {
            this.complete = complete;
            return this;
        }

        /**
         * The best evidence it can give, by all that is known of it now; absent if nothing is.
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
         * Its serial number, as it says.
         *
         * @param serial the value
         * @return this
         */
        public @NotNull Builder serial(@NotNull String serial) {
            this.serial = Objects.requireNonNull(serial, "serial");
            return this;
        }

        /**
         * Its firmware version, as it says.
         *
         * @param firmware the value
         * @return this
         */
        public @NotNull Builder firmware(@NotNull String firmware) {
            this.firmware = Objects.requireNonNull(firmware, "firmware");
            return this;
        }

        /**
         * The length of the page with the feed behind it, in mm.
         *
         * @param lengthMm the value
         * @return this
         */
        public @NotNull Builder lengthMm(int lengthMm) {
            this.lengthMm = lengthMm;
            return this;
        }

        /**
         * What the page had, in bytes.
         *
         * @param bytes the value
         * @return this
         */
        public @NotNull Builder bytes(long bytes) {
            this.bytes = bytes;
            return this;
        }

        /**
         * The draft of a {@code [[quirk]]} entry, as TOML, to be completed by a person.
         *
         * @param entry the value
         * @return this
         */
        public @NotNull Builder entry(@NotNull String entry) {
            this.entry = Objects.requireNonNull(entry, "entry");
            return this;
        }

        /**
         * Why it ended early, for example {@code paper-out}, {@code link-lost}, {@code stalled}.
         *
         * @param reason the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder reason(@Nullable String reason) {
            this.reason = reason;
            return this;
        }

        /**
         * How long the page took to be taken, in microseconds; absent if it was not.
         *
         * @param takenUs the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder takenUs(@Nullable Long takenUs) {
            this.takenUs = takenUs;
            return this;
        }

        /**
         * On USB: vendor and product id, for example {@code 04b8:0202}.
         *
         * @param usbId the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder usbId(@Nullable String usbId) {
            this.usbId = usbId;
            return this;
        }

        /**
         * The serial number of its USB descriptor, if it has one.
         *
         * @param usbSerial the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder usbSerial(@Nullable String usbSerial) {
            this.usbSerial = usbSerial;
            return this;
        }

        /**
         * Where it is plugged in, as the kernel names it.
         *
         * @param usbPort the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder usbPort(@Nullable String usbPort) {
            this.usbPort = usbPort;
            return this;
        }

        /**
         * The interface that prints, its class, and whether it is read.
         *
         * @param usbInterface the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder usbInterface(@Nullable String usbInterface) {
            this.usbInterface = usbInterface;
            return this;
        }

        /**
         * Maker and model of its IEEE 1284 device id, if it tells one.
         *
         * @param usbDeviceId the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder usbDeviceId(@Nullable String usbDeviceId) {
            this.usbDeviceId = usbDeviceId;
            return this;
        }

        /**
         * What was asked, in that order.
         *
         * @param answers the value
         * @return this
         */
        public @NotNull Builder answers(@NotNull List<ProbeAnswer> answers) {
            this.answers = Collections.unmodifiableList(new ArrayList<>(answers));
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull ProbeReport build() {
            return new ProbeReport(this);
        }
    }
}
