package io.receiptd;

import io.receiptd.document.Copy;
import java.io.File;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/**
 * Builds a {@link ReceiptPrinter} with a spooler in this process: {@link ReceiptPrinter#inProcess}. Not for several
 * threads at once.
 *
 * <p>It is the same spooler as that of the daemon, with the same promise: what was accepted is printed, at the latest
 * after the next start of the app. There is one printer, which is handed over by {@link ReceiptPrinter#attachUsb};
 * until then, and while it is unplugged, receipts are accepted and wait.
 */
public final class InProcessBuilder {
    private static final String DEFAULT_NAME = "printer";
    private static final int MAX_PORT = 65_535;

    private final File directory;
    private final ReceiptPrinter.Common common = new ReceiptPrinter.Common();
    private final Map<Copy, CopyRule> copies = new EnumMap<>(Copy.class);
    private String name = DEFAULT_NAME;
    private String connect = "usb";
    private String model;
    private PaperWidth paper;
    private Boolean jobNumber;
    private UncertainPolicy whenUncertain;
    private Integer keepBodiesDays;
    private Integer keepJobsDays;
    private Integer keepJobsMax;
    private Boolean refuseCardNumbers;
    private String configuration;

    InProcessBuilder(File directory) {
        this.directory = directory;
    }

    /**
     * The name of the printer. Jobs remember their printer by it. Default: {@code printer}.
     *
     * @param name 1 to 64 ASCII letters, digits, {@code -}, {@code _} and {@code .}
     * @return this
     */
    public @NotNull InProcessBuilder printerName(@NotNull String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * The printer is on the network. Default: it is a USB printer, which is handed over by
     * {@link ReceiptPrinter#attachUsb}.
     *
     * @param host its name or address
     * @param port its TCP port, usually 9100
     * @return this
     * @throws IllegalArgumentException if the port is not 1 to 65535
     */
    public @NotNull InProcessBuilder networkPrinter(@NotNull String host, int port) {
        Objects.requireNonNull(host, "host");
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is 1 to 65535");
        }
        connect = "tcp:" + (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
        return this;
    }

    /**
     * Which model the printer is: sets its paper, its characters and its cutter. {@code receiptctl printers models}
     * lists them. Not together with {@link #paper}.
     *
     * @param model for example {@code xprinter-xp-80}; null: not said
     * @return this
     */
    public @NotNull InProcessBuilder model(@Nullable String model) {
        this.model = model;
        return this;
    }

    /**
     * How wide the paper is. Default: 80 mm.
     *
     * @param paper the width; null: not said
     * @return this
     */
    public @NotNull InProcessBuilder paper(@Nullable PaperWidth paper) {
        this.paper = paper;
        return this;
    }

    /**
     * Whether the number of the job is printed above each copy. Default: true.
     *
     * @param jobNumber whether
     * @return this
     */
    public @NotNull InProcessBuilder jobNumber(boolean jobNumber) {
        this.jobNumber = jobNumber;
        return this;
    }

    /**
     * What to do with a receipt of which nobody knows whether it is on paper. Default: print it again, marked as a
     * duplicate.
     *
     * @param policy what
     * @return this
     */
    public @NotNull InProcessBuilder whenUncertain(@NotNull UncertainPolicy policy) {
        if (policy == UncertainPolicy.UNKNOWN) {
            throw new IllegalArgumentException("a policy can't be UNKNOWN");
        }
        whenUncertain = policy;
        return this;
    }

    /**
     * How long the content of a job is kept after its end: so long it can be printed again. Default: 30 days.
     *
     * @param days 0 or more
     * @return this
     */
    public @NotNull InProcessBuilder keepBodiesDays(int days) {
        keepBodiesDays = days;
        return this;
    }

    /**
     * How long the fate of a job can be read after its end, and its key is known. Default: 180 days.
     *
     * @param days not less than the contents are kept
     * @return this
     */
    public @NotNull InProcessBuilder keepJobsDays(int days) {
        keepJobsDays = days;
        return this;
    }

    /**
     * How many finished jobs are kept at most; the oldest go first. Default: 100000.
     *
     * @param jobs 1 to 1000000
     * @return this
     */
    public @NotNull InProcessBuilder keepJobsMax(int jobs) {
        keepJobsMax = jobs;
        return this;
    }

    /**
     * Whether a document with a full card number is refused. Default: false, the middle of the number becomes stars.
     *
     * @param refuse whether
     * @return this
     */
    public @NotNull InProcessBuilder refuseCardNumbers(boolean refuse) {
        refuseCardNumbers = refuse;
        return this;
    }

    /**
     * What is particular to one copy of a card slip.
     *
     * @param copy which copy
     * @param rule what
     * @return this
     */
    public @NotNull InProcessBuilder copy(@NotNull Copy copy, @NotNull CopyRule rule) {
        copies.put(Objects.requireNonNull(copy, "copy"), Objects.requireNonNull(rule, "rule"));
        return this;
    }

    /**
     * The whole configuration, as {@code receiptd.toml(5)} has it, instead of all the options above. The spool is in
     * the folder of this builder, as are {@code templates.d}, {@code models.d} and {@code quirks.d} if they are
     * there; a printer that is handed over is found by {@code connect = "usb"} or {@code "usb:VENDOR:PRODUCT"}.
     * {@code [api]} has no meaning here.
     *
     * @param toml the configuration
     * @return this
     */
    public @NotNull InProcessBuilder configuration(@NotNull String toml) {
        configuration = Objects.requireNonNull(toml, "toml");
        return this;
    }

    /**
     * How long a call may take. Default: 30 s, which is also the most.
     *
     * @param time how long
     * @param unit its unit
     * @return this
     * @throws IllegalArgumentException if it is not 1 ms to 30 s
     */
    public @NotNull InProcessBuilder callTimeout(long time, @NotNull TimeUnit unit) {
        common.callTimeout(time, unit);
        return this;
    }

    /**
     * What completes futures, and calls listeners that have no executor of their own. Default: a thread of the library
     * that is there when it is needed, one thing after another.
     *
     * @param executor for example {@code context.getMainExecutor()}
     * @return this
     */
    public @NotNull InProcessBuilder callbackExecutor(@NotNull Executor executor) {
        common.callbackExecutor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Whether methods that block, {@link #open()} among them, may be called on Android's main thread. Default: false,
     * they throw {@code IllegalStateException}.
     *
     * @param allow whether
     * @return this
     */
    public @NotNull InProcessBuilder allowMainThread(boolean allow) {
        common.allowMainThread = allow;
        return this;
    }

    /**
     * Starts the spooler. What the last process did not print is printed once there is a printer.
     *
     * <p>Blocks while the spool is read: some milliseconds, seconds if there are a hundred thousand jobs.
     *
     * @return the printer; close it in the end
     * @throws ReceiptException     {@code CANNOT_OPEN} if the folder or the configuration can't be used, for example
     *     because another process or printer has the folder; the message says what
     * @throws UnsatisfiedLinkError if the native library can't be loaded; the message says what to do
     */
    public @NotNull ReceiptPrinter open() throws ReceiptException {
        if (!common.allowMainThread) {
            MainThread.refuse("open", "openAsync");
        }
        NativeBridge.load();
        byte[] config = new FrameWriter(256).string(directory.getAbsolutePath()).string(toml()).frame();
        return common.printer(NativeBridge.openInProcess(config));
    }

    /**
     * As {@link #open()}, without blocking.
     *
     * @return a future, completed by the callback executor; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<ReceiptPrinter> openAsync() {
        NativeBridge.load();
        byte[] config = new FrameWriter(256).string(directory.getAbsolutePath()).string(toml()).frame();
        Executor callbacks = common.callbackExecutor != null ? common.callbackExecutor : Threads.POOL;
        ReceiptPrinter.Common options = common.copy();
        CompletableFuture<ReceiptPrinter> future = new CompletableFuture<>();
        Threads.POOL.execute(() -> {
            ReceiptPrinter printer;
            try {
                printer = options.printer(NativeBridge.openInProcess(config));
            } catch (ReceiptException | RuntimeException e) {
                callbacks.execute(() -> future.completeExceptionally(e));
                return;
            }
            callbacks.execute(() -> {
                if (!future.complete(printer)) {
                    // Nobody wants it any more.
                    Threads.POOL.execute(printer::close);
                }
            });
        });
        return future;
    }

    /** The configuration of the daemon that this builder stands for. */
    String toml() {
        if (configuration != null) {
            return configuration;
        }
        Toml out = new Toml();
        out.section("[spool]").key("keep-bodies-days", keepBodiesDays).key("keep-jobs-days", keepJobsDays)
                .key("keep-jobs-max", keepJobsMax);
        out.section("[jobs]").key("when-uncertain", whenUncertain == null ? null : whenUncertain.getWord());
        out.section("[cards]").key("action", refuseCardNumbers == null ? null : refuseCardNumbers ? "refuse" : "mask");
        for (Map.Entry<Copy, CopyRule> copy : copies.entrySet()) {
            out.section("[copies." + copy.getKey().getWord() + "]");
            copy.getValue().write(out);
        }
        out.section("[[printer]]").key("name", name).key("connect", connect).key("model", model)
                .key("paper", paper == null ? null : paper.getWord()).key("job-number", jobNumber);
        return out.toString();
    }
}
