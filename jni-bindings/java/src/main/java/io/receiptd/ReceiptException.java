package io.receiptd;

import org.jetbrains.annotations.NotNull;

/**
 * Why a call did not give what was asked for.
 *
 * <p>Programs look at {@link #getCode()} and {@link #getRetry()}; {@link #getMessage()} (English, with the details) and
 * {@link #getMessageZh()} (Chinese) are for people. Neither holds the content of a receipt.
 *
 * <p>After {@link Code#DISCONNECTED}, {@link Code#TIMED_OUT}, {@link Code#BUSY} and {@link Code#SHUTTING_DOWN} the same
 * call with the <em>same key</em> is always right: it never prints twice.
 */
public final class ReceiptException extends Exception {
    private static final long serialVersionUID = 1;

    /** What went wrong: the errors of the D-Bus interface, then those of the way to it. */
    public enum Code {
        /** The document cannot be read; the message names the place (a JSON path, a line, an offset). Mend it. */
        INVALID_DOCUMENT("InvalidDocument"),
        /** Another argument is wrong; the message names it. */
        INVALID_ARGUMENT("InvalidArgument"),
        /**
         * The document, or something in it (lines, paper, entries, data of a code, pixels), is more than allowed;
         * the message names the limit.
         */
        TOO_LARGE("TooLarge"),
        /** The key was used for other content. Use a key of its own for each receipt. */
        KEY_CONFLICT("KeyConflict"),
        /** No printer of that name is configured, or none at all. */
        UNKNOWN_PRINTER("UnknownPrinter"),
        /** No such job, or it is not the caller's to see. */
        UNKNOWN_JOB("UnknownJob"),
        /** The caller may not do this; the message says who may. */
        NOT_ALLOWED("NotAllowed"),
        /** Too many jobs wait for the printer. Look why they do not come out. */
        QUEUE_FULL("QueueFull"),
        /**
         * No room on the disk. A receipt was not accepted; what was decided about a job stands, but is not on the
         * disk yet (the message says which).
         */
        STORE_FULL("StoreFull"),
        /**
         * The disk failed. A receipt was not accepted and is only where the caller has it; what was decided about a
         * job stands, but is not on the disk yet (the message says which).
         */
        STORE_FAILED("StoreFailed"),
        /** The job is not in a state in which this can be done; the message says in which it is. */
        WRONG_STATE("WrongState"),
        /** The printer can't be probed now: it prints, is not there, or can't print; the message says which. */
        PRINTER_NOT_READY("PrinterNotReady"),
        /** The document is no longer stored, so it cannot be printed again. */
        BODY_GONE("BodyGone"),
        /** The caller watches too many things already. */
        TOO_MANY_WATCHES("TooManyWatches"),
        /** Too much at once, of the caller's calls or for the disk; the message says which. Ask again in a moment. */
        BUSY("Busy"),
        /** The daemon is going down or coming up. Ask again; a job that was accepted is safe. */
        SHUTTING_DOWN("ShuttingDown"),

        // What the daemon does not say itself.

        /**
         * The connection broke, or the daemon was not there, until the time of the call was over. Whether the call
         * was carried out is not known: ask again with the same key.
         */
        DISCONNECTED("Disconnected"),
        /** Nobody owns the name {@code io.receiptd} on the bus. */
        NOT_RUNNING("NotRunning"),
        /** The policy of the bus forbids this user to call the daemon. */
        DENIED_BY_BUS("DeniedByBus"),
        /** No answer came in time. Whether the call was carried out is not known: ask again with the same key. */
        TIMED_OUT("TimedOut"),
        /** The printer was closed while the call was under way. */
        CLOSED("Closed"),
        /** In process: the folder or the configuration can't be used; the message says what. */
        CANNOT_OPEN("CannotOpen"),
        /** The program that makes text and pictures of receipts is not there, or fails; the message says which. */
        CANNOT_SHOW("CannotShow"),
        /** What was answered can't be understood: the versions do not fit. */
        PROTOCOL("Protocol"),
        /**
         * An error that this version does not know: the daemon is newer. {@link ReceiptException#getName()} has its
         * name.
         */
        UNKNOWN("Unknown");

        private final String name;

        Code(String name) {
            this.name = name;
        }

        /**
         * The name on D-Bus without its prefix {@code io.receiptd.Error.}
         *
         * @return for example {@code KeyConflict}
         */
        public @NotNull String getWord() {
            return name;
        }

        static Code of(String name) {
            for (Code code : values()) {
                if (code.name.equals(name)) {
                    return code;
                }
            }
            return UNKNOWN;
        }
    }

    /** Whether it makes sense to ask again. */
    public enum Retry {
        /** No: the same question will get the same answer. */
        NEVER("never"),
        /** Yes, after a while (begin with 200 ms, then longer), with the same key. */
        SAME("same"),
        /** After a person or an integrator has done something; then with the same key. */
        AFTER_PERSON("after-person");

        private final String word;

        Retry(String word) {
            this.word = word;
        }

        /**
         * The word for it.
         *
         * @return for example {@code after-person}
         */
        public @NotNull String getWord() {
            return word;
        }

        static Retry of(String word) {
            for (Retry retry : values()) {
                if (retry.word.equals(word)) {
                    return retry;
                }
            }
            return NEVER;
        }
    }

    /** What went wrong. */
    private final Code code;
    /** The name as it came. */
    private final String name;
    /** The sentence in Chinese. */
    private final String messageZh;
    /** Whether to ask again. */
    private final Retry retry;

    /** Called by native code; {@code BOUNDARY.md} names the order. */
    ReceiptException(String code, String message, String messageZh, String retry) {
        super(message);
        this.code = Code.of(code);
        this.name = code;
        this.messageZh = messageZh;
        this.retry = Retry.of(retry);
    }

    /**
     * The same as {@code cause}, thrown in this thread: a future's error belongs to the thread that made it.
     */
    ReceiptException(ReceiptException cause) {
        super(cause.getMessage(), cause);
        code = cause.code;
        name = cause.name;
        messageZh = cause.messageZh;
        retry = cause.retry;
    }

    /** A printer was closed under a call. */
    static ReceiptException closed() {
        return new ReceiptException(Code.CLOSED.name,
                "the printer was closed while the call was under way; what it asked for may have been done",
                "调用期间连接已被关闭，请用同一键重试", Retry.SAME.word);
    }

    /** No answer within the time of the printer. */
    static ReceiptException timedOut(long timeoutMs) {
        return new ReceiptException(Code.TIMED_OUT.name, "receiptd did not answer within " + timeoutMs
                + " ms; ask again with the same key", "打印服务未在限定时间内答复，请用同一键重试", Retry.SAME.word);
    }

    /** More than a document may have; said here, so that it need not travel. */
    static ReceiptException tooLarge(int bytes, int max) {
        return new ReceiptException(Code.TOO_LARGE.name, "the document has " + bytes + " bytes, and at most " + max
                + " are taken", "内容超过允许的大小", Retry.NEVER.word);
    }

    /** A receipt can't be made into text or a picture. */
    static ReceiptException cannotShow(String why) {
        return new ReceiptException(Code.CANNOT_SHOW.name, "the receipt can't be shown: " + why,
                "无法显示小票：显示程序 receiptd-press 未安装或运行失败", Retry.AFTER_PERSON.word);
    }

    /** What was answered is not what the boundary says. */
    static ReceiptException protocol(RuntimeException why) {
        ReceiptException e = new ReceiptException(Code.PROTOCOL.name,
                "the answer can't be understood: " + why.getMessage(), "无法理解打印服务的回答，版本可能不匹配", Retry.NEVER.word);
        e.initCause(why);
        return e;
    }

    /**
     * What went wrong, for programs.
     *
     * @return one of a closed list; {@link Code#UNKNOWN} if the daemon is newer than this library
     */
    public @NotNull Code getCode() {
        return code;
    }

    /**
     * The name of the error as it came, also if it is {@link Code#UNKNOWN} here.
     *
     * @return for example {@code KeyConflict}
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * What it means, for people, in Chinese, without the details of {@link #getMessage()}.
     *
     * @return a sentence
     */
    public @NotNull String getMessageZh() {
        return messageZh;
    }

    /**
     * Whether it makes sense to ask again.
     *
     * @return when
     */
    public @NotNull Retry getRetry() {
        return retry;
    }

    /**
     * The class, the name of the error and the English sentence.
     *
     * @return for logs
     */
    @Override
    public @NotNull String toString() {
        return "io.receiptd.ReceiptException: " + name + ": " + getMessage();
    }
}
