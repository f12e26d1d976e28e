package io.receiptd;

import io.receiptd.document.Receipt;
import java.io.FileDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * What is handed in: a document, the key that makes the call repeatable, and how it shall be printed. Immutable.
 *
 * <p>The key names the receipt: merchant, terminal, batch and voucher number together make a good one. The same request
 * with the same key is the same receipt however often it is made; other content with the same key is refused.
 */
public final class SubmitRequest {
    private final String key;
    private final String printer;
    private final DocumentKind kind;
    private final byte[] document;
    private final FileDescriptor descriptor;
    private final SubmitOptions options;

    private SubmitRequest(Builder from) {
        key = from.key;
        printer = from.printer;
        kind = from.kind;
        document = from.document;
        descriptor = from.descriptor;
        options = from.options.build();
        if (kind == null) {
            throw new IllegalStateException("SubmitRequest: a document is required: receipt, json, text, raw or file");
        }
    }

    /**
     * A builder. Required beside the key: a document.
     *
     * @param key the key of the receipt: 1 to 128 bytes of UTF-8, no control characters, no card number
     * @return a new one
     */
    public static @NotNull Builder builder(@NotNull String key) {
        return new Builder(Objects.requireNonNull(key, "key"));
    }

    /**
     * The request for a receipt on the default printer.
     *
     * @param key     the key of the receipt
     * @param receipt the document
     * @return a new one
     */
    public static @NotNull SubmitRequest of(@NotNull String key, @NotNull Receipt receipt) {
        return builder(key).receipt(receipt).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder(key);
        to.printer = printer;
        to.kind = kind;
        to.document = document;
        to.descriptor = descriptor;
        to.options = options.toBuilder();
        return to;
    }

    /**
     * The key of the receipt.
     *
     * @return it
     */
    public @NotNull String getKey() {
        return key;
    }

    /**
     * The name of the printer.
     *
     * @return it; empty: the default printer
     */
    public @NotNull String getPrinter() {
        return printer;
    }

    /**
     * What the document is.
     *
     * @return its kind
     */
    public @NotNull DocumentKind getKind() {
        return kind;
    }

    /**
     * The document.
     *
     * @return a copy of its bytes, or null if it is read from a file
     */
    public byte @Nullable [] getDocument() {
        return document == null ? null : document.clone();
    }

    /**
     * The file that the document is read from.
     *
     * @return its descriptor, or null if the document is here
     */
    public @Nullable FileDescriptor getFile() {
        return descriptor;
    }

    /**
     * How it shall be printed.
     *
     * @return the options
     */
    public @NotNull SubmitOptions getOptions() {
        return options;
    }

    /** How many bytes are here. */
    int size() {
        return document == null ? 0 : document.length;
    }

    int operation() {
        return descriptor == null ? Operation.SUBMIT : Operation.SUBMIT_FD;
    }

    /** The request as a frame. */
    byte[] frame() {
        FrameWriter out = new FrameWriter(3 * key.length() + 256);
        out.string(key).string(printer).string(kind.getWord());
        if (descriptor == null) {
            out.i32(document.length);
            int at = out.length();
            options.write(out);
            return out.frame(at, document);
        }
        int fd = NativeBridge.fd(descriptor);
        if (fd < 0) {
            throw new IllegalArgumentException("the file of the document is not open");
        }
        out.i32(fd);
        options.write(out);
        return out.frame();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof SubmitRequest)) {
            return false;
        }
        SubmitRequest that = (SubmitRequest) other;
        return key.equals(that.key)
                && printer.equals(that.printer)
                && kind == that.kind
                && Arrays.equals(document, that.document)
                && Objects.equals(descriptor, that.descriptor)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, printer, kind, Arrays.hashCode(document), descriptor, options);
    }

    /**
     * For logs: no content of a receipt.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("SubmitRequest")
                .add("key", key)
                .add("printer", printer)
                .add("kind", kind)
                .add("bytes", document == null ? null : (Object) document.length)
                .add("options", options)
                .toString();
    }

    /** Builds a {@link SubmitRequest}. Not for several threads at once. */
    public static final class Builder {
        private final String key;
        private String printer = "";
        private DocumentKind kind;
        private byte[] document;
        private FileDescriptor descriptor;
        private SubmitOptions.Builder options = SubmitOptions.builder();

        private Builder(String key) {
            this.key = key;
        }

        /**
         * The name of the printer. Default: the default printer.
         *
         * @param printer the name; empty: the default printer
         * @return this
         */
        public @NotNull Builder printer(@NotNull String printer) {
            this.printer = Objects.requireNonNull(printer, "printer");
            return this;
        }

        /**
         * The document is a receipt. Instead of any document set before, as with the others.
         *
         * @param receipt the receipt
         * @return this
         */
        public @NotNull Builder receipt(@NotNull Receipt receipt) {
            return json(receipt.toJson());
        }

        /**
         * The document is a receipt as JSON.
         *
         * @param json the JSON, at most 1 MiB as UTF-8
         * @return this
         */
        public @NotNull Builder json(@NotNull String json) {
            return document(DocumentKind.JSON, json.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * The document is text, printed line by line.
         *
         * @param text the text, at most 1 MiB as UTF-8
         * @return this
         */
        public @NotNull Builder text(@NotNull String text) {
            return document(DocumentKind.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * The document is ESC/POS, sent as it is.
         *
         * @param bytes the bytes, at most 1 MiB; they are copied
         * @return this
         */
        public @NotNull Builder raw(byte @NotNull [] bytes) {
            return document(DocumentKind.RAW, bytes.clone());
        }

        /**
         * The document is read from a file by the daemon: a regular file or memfd from its beginning, or a pipe until
         * it is closed, within 10 s, at most 1 MiB. Of Android's {@code ParcelFileDescriptor} take {@code
         * getFileDescriptor()}.
         *
         * @param kind what it is
         * @param file its descriptor; it must stay open until the submission is answered, and is not closed
         * @return this
         */
        public @NotNull Builder file(@NotNull DocumentKind kind, @NotNull FileDescriptor file) {
            this.kind = known(kind);
            document = null;
            descriptor = Objects.requireNonNull(file, "file");
            return this;
        }

        /**
         * How it shall be printed. Instead of the options set before.
         *
         * @param options the options
         * @return this
         */
        public @NotNull Builder options(@NotNull SubmitOptions options) {
            this.options = options.toBuilder();
            return this;
        }

        /**
         * What a person reads in lists.
         *
         * @param title for example {@code Sale 0042 18.50}; no card number; null: none
         * @return this
         */
        public @NotNull Builder title(@Nullable String title) {
            options.title(title);
            return this;
        }

        /**
         * Accept, but do not print before {@link ReceiptPrinter#release}.
         *
         * @param hold whether
         * @return this
         */
        public @NotNull Builder hold(boolean hold) {
            options.hold(hold ? true : null);
            return this;
        }

        /**
         * Give up and become {@link JobState#EXPIRED} if it is not on paper in that time.
         *
         * @param time how long; 0: never; rounded up to seconds
         * @param unit its unit
         * @return this
         * @throws IllegalArgumentException if it is below zero or beyond 2^31 - 1 s
         */
        public @NotNull Builder expiresAfter(long time, @NotNull TimeUnit unit) {
            long ms = unit.toMillis(time);
            long seconds = ms / 1000 + (ms % 1000 > 0 ? 1 : 0);
            if (time < 0 || seconds > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a time to expire is 0 to 2147483647 s");
            }
            options.expiresAfterS((int) seconds);
            return this;
        }

        /**
         * What to do when nobody knows whether it was printed.
         *
         * @param policy what; null: as configured for the printer
         * @return this
         */
        public @NotNull Builder whenUncertain(@Nullable UncertainPolicy policy) {
            options.policy(policy);
            return this;
        }

        /**
         * It is no receipt but for training or a test, and says so above and below.
         *
         * @param purpose for what; null: it is a receipt
         * @return this
         */
        public @NotNull Builder purpose(@Nullable Purpose purpose) {
            options.purpose(purpose);
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if no document is set
         */
        public @NotNull SubmitRequest build() {
            return new SubmitRequest(this);
        }

        private Builder document(DocumentKind kind, byte[] bytes) {
            this.kind = kind;
            document = bytes;
            descriptor = null;
            return this;
        }

        private static DocumentKind known(DocumentKind kind) {
            if (kind == DocumentKind.UNKNOWN) {
                throw new IllegalArgumentException("a document can't be of kind UNKNOWN");
            }
            return kind;
        }
    }
}
