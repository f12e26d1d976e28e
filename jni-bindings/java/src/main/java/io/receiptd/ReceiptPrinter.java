package io.receiptd;

import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.jetbrains.annotations.NotNull;

/**
 * The way to receiptd: submit receipts, ask and be told what became of them.
 *
 * <pre>{@code
 * try (ReceiptPrinter printer = ReceiptPrinter.builder().build()) {
 *     if (printer.canPrint(120).isCan()) {
 *         printer.submit(SubmitRequest.of("0042-000017", receipt));
 *     }
 * }
 * }</pre>
 *
 * <p>A submission that was answered is on stable storage, and will be printed whatever happens to the app or the power.
 * If the answer does not come, make the same call with the same key again: it is never printed twice.
 *
 * <p>Methods that throw {@link ReceiptException} block until the answer is there, at most for the time for calls; on
 * Android's main thread they throw {@code IllegalStateException} and name the method to call instead. Methods that
 * give a future never block; futures are completed by the callback executor. Objects may be used by several threads.
 * Close the printer when it is no longer needed; one that is forgotten keeps neither a thread busy nor the process
 * alive.
 */
public final class ReceiptPrinter implements AutoCloseable {
    /** The largest document that the daemon takes, in bytes. */
    private static final int MAX_DOCUMENT_BYTES = 1 << 20;

    private static final byte[] EMPTY = new byte[0];

    private final Connection connection;
    private final Watches watches;
    private final PrinterWatches printerWatches;
    private final Ends ends;
    private final Executor callbacks;
    private final boolean mainThreadAllowed;

    ReceiptPrinter(long handle, Executor callbackExecutor, long timeoutMs, boolean mainThreadAllowed) {
        this.callbacks = callbackExecutor != null ? callbackExecutor : new Serial(Threads.POOL);
        this.mainThreadAllowed = mainThreadAllowed;
        this.connection = new Connection(handle, callbacks, timeoutMs, new Told());
        this.watches = new Watches(connection);
        this.printerWatches = new PrinterWatches(connection);
        this.ends = new Ends(connection, watches);
    }

    /**
     * A builder for a printer of the daemon that runs on this terminal.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * A builder for a spooler in this process, for terminals without the daemon: the app opens the printer itself and
     * hands it over with {@link #attachUsb}; {@code io.receiptd.android} does that on Android.
     *
     * @param directory the folder of everything that is accepted; one process at a time. On Android
     *     {@code new File(context.getNoBackupFilesDir(), "receiptd")}: a spool that comes back out of a backup would
     *     print old receipts
     * @return a new one
     */
    public static @NotNull InProcessBuilder inProcess(@NotNull File directory) {
        return new InProcessBuilder(Objects.requireNonNull(directory, "directory"));
    }

    /**
     * The version of the native library.
     *
     * <p>Loads it if it is not yet loaded, which takes about a millisecond.
     *
     * @return as {@code receiptctl --version} has it
     * @throws UnsatisfiedLinkError if it can't be loaded; the message says what to do
     */
    public static @NotNull String getLibraryVersion() {
        NativeBridge.load();
        return NativeBridge.version();
    }

    /**
     * Hands a receipt in. When it returns, the receipt is on stable storage and will be printed.
     *
     * <p>Blocks until the daemon answered: some milliseconds, mostly for the disk.
     *
     * @param request the document, its key, and how it shall be printed
     * @return one job for each copy
     * @throws ReceiptException {@code INVALID_DOCUMENT}, {@code INVALID_ARGUMENT}, {@code TOO_LARGE},
     *     {@code KEY_CONFLICT}, {@code UNKNOWN_PRINTER}, {@code QUEUE_FULL}, {@code STORE_FULL}, {@code STORE_FAILED},
     *     {@code BUSY}, {@code SHUTTING_DOWN}, {@code NOT_RUNNING}, {@code DENIED_BY_BUS}: it was not accepted; {@code
     *     DISCONNECTED}, {@code TIMED_OUT}, {@code CLOSED}: it may be accepted. {@link ReceiptException#getRetry()} says whether to ask again, with the
     *     same key
     */
    public @NotNull Submitted submit(@NotNull SubmitRequest request) throws ReceiptException {
        Objects.requireNonNull(request, "request");
        mayBlock("submit");
        checkSize(request);
        return connection.call(request.operation(), request.frame(), Submitted::read);
    }

    /**
     * As {@link #submit}, without blocking. Submissions are accepted in the order of the calls.
     *
     * @param request the document, its key, and how it shall be printed
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Submitted> submitAsync(@NotNull SubmitRequest request) {
        Objects.requireNonNull(request, "request");
        try {
            checkSize(request);
        } catch (ReceiptException e) {
            CompletableFuture<Submitted> refused = connection.promise();
            connection.complete(refused, null, e);
            return refused;
        }
        return connection.start(request.operation(), request.frame(), Submitted::read);
    }

    /**
     * Hands a receipt in and waits until all its jobs have ended: printed, or not.
     *
     * <p>Blocks as long as that takes, also while the paper is out or the daemon is started again; interrupt the thread
     * to wait no longer, which changes nothing of the receipt. While the daemon is busy or can't be reached, the
     * submission is made again with the same key until the time for calls is over.
     *
     * @param request the document, its key, and how it shall be printed
     * @return the jobs as they ended, in printing order; look at {@link Job#getState()}
     * @throws ReceiptException     as {@link #submit}; {@code CLOSED} if the printer is closed
     * @throws InterruptedException if the thread was interrupted; the receipt may be accepted
     */
    public @NotNull List<Job> print(@NotNull SubmitRequest request) throws ReceiptException, InterruptedException {
        Objects.requireNonNull(request, "request");
        mayBlock("print");
        connection.checkOpen();
        // Not by the callback executor: this thread may be the only one of it.
        CompletableFuture<List<Job>> printed = connection.promise();
        print(request, printed, (future, jobs, error) -> {
            if (error == null) {
                future.complete(jobs);
            } else {
                future.completeExceptionally(error);
            }
        });
        try {
            return printed.get();
        } catch (InterruptedException e) {
            printed.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            Throwable why = bare(e);
            if (why instanceof ReceiptException) {
                throw new ReceiptException((ReceiptException) why);
            }
            throw new IllegalStateException(why.getMessage(), why);
        }
    }

    /**
     * As {@link #print}, without blocking. To cancel the future changes nothing of the receipt.
     *
     * @param request the document, its key, and how it shall be printed
     * @return a future of the jobs as they ended, in printing order
     */
    public @NotNull CompletableFuture<List<Job>> printAsync(@NotNull SubmitRequest request) {
        Objects.requireNonNull(request, "request");
        connection.checkOpen();
        CompletableFuture<List<Job>> printed = connection.promise();
        print(request, printed, connection::complete);
        return printed;
    }

    /**
     * Waits for the end of a job, without blocking.
     *
     * <p>The end is not missed, whether it came before this call, while the daemon was away, or comes when nobody
     * looks: after each gap the job is asked for again. It waits as long as the job does, also while the daemon can't
     * be reached; to cancel the future ends the waiting and nothing else.
     *
     * @param id the number of the job
     * @return a future of the job as it ended, perhaps without its story; it fails with {@code UNKNOWN_JOB} if there is
     *     none, and with {@code CLOSED} if the printer is closed
     */
    public @NotNull CompletableFuture<Job> whenDone(long id) {
        connection.checkOpen();
        checkId(id);
        CompletableFuture<Job> promised = connection.promise();
        CompletableFuture<Job> done = ends.whenDone(id);
        done.whenComplete((job, error) -> connection.complete(promised, job, error));
        promised.whenComplete((job, error) -> done.cancel(false));
        return promised;
    }

    /**
     * A job, with its story.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @return the job as it is now
     * @throws ReceiptException {@code UNKNOWN_JOB} if there is none, or it is not the caller's to see
     */
    public @NotNull Job getJob(long id) throws ReceiptException {
        mayBlock("getJob");
        return connection.call(Operation.GET_JOB, id(id), Job::read);
    }

    /**
     * As {@link #getJob(long)}, without blocking.
     *
     * @param id the number of the job
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Job> getJobAsync(long id) {
        return connection.start(Operation.GET_JOB, id(id), Job::read);
    }

    /**
     * What is on the paper of a job, so that it can be shown or sent without paper, also while the paper is out.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @return the bytes of the copy and the profile of the paper they are laid out for
     * @throws ReceiptException {@code UNKNOWN_JOB}; {@code BODY_GONE} once its content is not kept any more
     */
    public @NotNull StoredReceipt getReceipt(long id) throws ReceiptException {
        mayBlock("getReceipt");
        return connection.call(Operation.GET_RECEIPT, id(id), StoredReceipt::read);
    }

    /**
     * As {@link #getReceipt(long)}, without blocking.
     *
     * @param id the number of the job
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<StoredReceipt> getReceiptAsync(long id) {
        return connection.start(Operation.GET_RECEIPT, id(id), StoredReceipt::read);
    }

    /**
     * What is on the paper of a job as text, page, picture or document, to be shown or sent: also while the paper is
     * out. It is made by the program {@code receiptd-press} of the daemon's package; on Android the {@code .aar} has it.
     *
     * <p>Blocks until it is made: text for some milliseconds, a picture for some tenths of a second while fonts are
     * read; at most 30 s beyond the time for calls.
     *
     * @param id the number of the job
     * @param form what to make
     * @return what was made
     * @throws ReceiptException {@code UNKNOWN_JOB}; {@code BODY_GONE} once its content is not kept any more; {@code
     *     CANNOT_SHOW} if the program is not there: show what the app knows of the sale
     */
    public @NotNull RenderedReceipt renderReceipt(long id, @NotNull ReceiptForm form) throws ReceiptException {
        Objects.requireNonNull(form, "form");
        mayBlock("renderReceipt");
        return Press.press(connection.call(Operation.GET_RECEIPT, id(id), StoredReceipt::read), form, Press.TIME_MS);
    }

    /**
     * As {@link #renderReceipt(long, ReceiptForm)}, without blocking.
     *
     * @param id the number of the job
     * @param form what to make
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<RenderedReceipt> renderReceiptAsync(long id, @NotNull ReceiptForm form) {
        Objects.requireNonNull(form, "form");
        connection.checkOpen();
        CompletableFuture<RenderedReceipt> rendered = connection.promise();
        connection.startInside(Operation.GET_RECEIPT, id(id), StoredReceipt::read).whenComplete((receipt, error) -> {
            if (error != null) {
                connection.complete(rendered, null, bare(error));
                return;
            }
            Press.QUEUE.execute(() -> {
                if (rendered.isDone()) {
                    return;
                }
                try {
                    connection.complete(rendered, Press.press(receipt, form, Press.TIME_MS), null);
                } catch (ReceiptException e) {
                    connection.complete(rendered, null, e);
                }
            });
        });
        return rendered;
    }

    /**
     * The ids of the caller's jobs with a key, oldest first.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param key the key of a submission
     * @return the ids; none is not an error
     * @throws ReceiptException {@code INVALID_ARGUMENT}
     */
    public @NotNull List<Long> findJobs(@NotNull String key) throws ReceiptException {
        Objects.requireNonNull(key, "key");
        mayBlock("findJobs");
        return connection.call(Operation.FIND_JOBS, new FrameWriter().string(key).frame(),
                in -> in.list(FrameReader::u64));
    }

    /**
     * As {@link #findJobs(String)}, without blocking.
     *
     * @param key the key of a submission
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<List<Long>> findJobsAsync(@NotNull String key) {
        Objects.requireNonNull(key, "key");
        return connection.start(Operation.FIND_JOBS, new FrameWriter().string(key).frame(),
                in -> in.list(FrameReader::u64));
    }

    /**
     * One page of jobs, without stories. {@link #forEachJob} turns the pages.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param filter which jobs, and how many on a page
     * @return the page
     * @throws ReceiptException {@code INVALID_ARGUMENT}
     */
    public @NotNull JobPage listJobs(@NotNull JobFilter filter) throws ReceiptException {
        Objects.requireNonNull(filter, "filter");
        mayBlock("listJobs");
        return connection.call(Operation.LIST_JOBS, frame(filter), JobPage::read);
    }

    /**
     * As {@link #listJobs(JobFilter)}, without blocking.
     *
     * @param filter which jobs, and how many on a page
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<JobPage> listJobsAsync(@NotNull JobFilter filter) {
        Objects.requireNonNull(filter, "filter");
        return connection.start(Operation.LIST_JOBS, frame(filter), JobPage::read);
    }

    /**
     * Takes a job back that is not being printed. A job of which bytes are with the printer can't be called back:
     * {@code WRONG_STATE}.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @throws ReceiptException {@code UNKNOWN_JOB}, {@code NOT_ALLOWED}, {@code WRONG_STATE}; {@code
     *     STORE_FULL}, {@code STORE_FAILED} and {@code BUSY}: it stands, but is not on the disk yet, so look at
     *     the job instead of asking again; {@code DISCONNECTED}: look at the job
     */
    public void cancel(long id, @NotNull String reason) throws ReceiptException {
        Objects.requireNonNull(reason, "reason");
        mayBlock("cancel");
        connection.call(Operation.CANCEL, id(id, reason), in -> null);
    }

    /**
     * As {@link #cancel(long, String)}, without blocking.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Void> cancelAsync(long id, @NotNull String reason) {
        Objects.requireNonNull(reason, "reason");
        return connection.start(Operation.CANCEL, id(id, reason), in -> null);
    }

    /**
     * Keeps a job from being printed until {@link #release}.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @throws ReceiptException as for {@link #cancel}
     */
    public void hold(long id, @NotNull String reason) throws ReceiptException {
        Objects.requireNonNull(reason, "reason");
        mayBlock("hold");
        connection.call(Operation.HOLD, id(id, reason), in -> null);
    }

    /**
     * As {@link #hold(long, String)}, without blocking.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Void> holdAsync(long id, @NotNull String reason) {
        Objects.requireNonNull(reason, "reason");
        return connection.start(Operation.HOLD, id(id, reason), in -> null);
    }

    /**
     * Lets a held job be printed.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @throws ReceiptException as for {@link #cancel}
     */
    public void release(long id) throws ReceiptException {
        mayBlock("release");
        connection.call(Operation.RELEASE, id(id), in -> null);
    }

    /**
     * As {@link #release(long)}, without blocking.
     *
     * @param id the number of the job
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Void> releaseAsync(long id) {
        return connection.start(Operation.RELEASE, id(id), in -> null);
    }

    /**
     * Prints a finished job again as a new job, marked as a duplicate with its count.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @param key makes this call repeatable: one for each reprint
     * @return the number of the new job
     * @throws ReceiptException {@code UNKNOWN_JOB}, {@code NOT_ALLOWED}, {@code WRONG_STATE}, {@code
     *     BODY_GONE}, {@code KEY_CONFLICT}, and those of {@link #submit} about room
     */
    public long reprint(long id, @NotNull String reason, @NotNull String key) throws ReceiptException {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(key, "key");
        mayBlock("reprint");
        return connection.call(Operation.REPRINT, new FrameWriter().u64(id).string(reason).string(key).frame(),
                FrameReader::u64);
    }

    /**
     * As {@link #reprint(long, String, String)}, without blocking.
     *
     * @param id the number of the job
     * @param reason why, for people; at most 1024 bytes, may be empty
     * @param key makes this call repeatable: one for each reprint
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Long> reprintAsync(long id, @NotNull String reason, @NotNull String key) {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(key, "key");
        return connection.start(Operation.REPRINT, new FrameWriter().u64(id).string(reason).string(key).frame(),
                FrameReader::u64);
    }

    /**
     * Says what a person saw of an uncertain job.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param id the number of the job
     * @param outcome what a person saw
     * @param note what else there is to say; at most 1024 bytes, may be empty
     * @throws ReceiptException as for {@link #cancel}
     */
    public void resolve(long id, @NotNull Outcome outcome, @NotNull String note) throws ReceiptException {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(note, "note");
        mayBlock("resolve");
        connection.call(Operation.RESOLVE, new FrameWriter().u64(id).string(outcome.getWord()).string(note).frame(),
                in -> null);
    }

    /**
     * As {@link #resolve(long, Outcome, String)}, without blocking.
     *
     * @param id the number of the job
     * @param outcome what a person saw
     * @param note what else there is to say; at most 1024 bytes, may be empty
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<Void> resolveAsync(long id, @NotNull Outcome outcome, @NotNull String note) {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(note, "note");
        return connection.start(Operation.RESOLVE,
                new FrameWriter().u64(id).string(outcome.getWord()).string(note).frame(),
                in -> null);
    }

    /**
     * Whether a slip of some length would come out now: ask before you charge. It reserves nothing.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param printer the name of the printer; empty: the default one
     * @param lengthMm the length of the slip in mm, not below zero
     * @return the answer
     * @throws ReceiptException {@code UNKNOWN_PRINTER}
     */
    public @NotNull CanPrintAnswer canPrint(@NotNull String printer, int lengthMm) throws ReceiptException {
        Objects.requireNonNull(printer, "printer");
        mayBlock("canPrint");
        return connection.call(Operation.CAN_PRINT, new FrameWriter().string(printer).u32(lengthMm).frame(),
                CanPrintAnswer::read);
    }

    /**
     * As {@link #canPrint(String, int)}, without blocking.
     *
     * @param printer the name of the printer; empty: the default one
     * @param lengthMm the length of the slip in mm, not below zero
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<CanPrintAnswer> canPrintAsync(@NotNull String printer, int lengthMm) {
        Objects.requireNonNull(printer, "printer");
        return connection.start(Operation.CAN_PRINT, new FrameWriter().string(printer).u32(lengthMm).frame(),
                CanPrintAnswer::read);
    }

    /**
     * As {@link #canPrint(String, int)}, on the default printer.
     *
     * @param lengthMm the length of the slip in mm, not below zero
     * @return the answer
     * @throws ReceiptException {@code UNKNOWN_PRINTER} if there is none
     */
    public @NotNull CanPrintAnswer canPrint(int lengthMm) throws ReceiptException {
        return canPrint("", lengthMm);
    }

    /**
     * As {@link #canPrint(int)}, without blocking.
     *
     * @param lengthMm the length of the slip in mm, not below zero
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<CanPrintAnswer> canPrintAsync(int lengthMm) {
        return canPrintAsync("", lengthMm);
    }

    /**
     * The printers, the default one first.
     *
     * <p>Blocks until the daemon answered.
     *
     * @return the printers
     * @throws ReceiptException {@code BUSY}
     */
    public @NotNull List<PrinterInfo> listPrinters() throws ReceiptException {
        mayBlock("listPrinters");
        return connection.call(Operation.LIST_PRINTERS, EMPTY, in -> in.list(PrinterInfo::read));
    }

    /**
     * As {@link #listPrinters()}, without blocking.
     *
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<List<PrinterInfo>> listPrintersAsync() {
        return connection.start(Operation.LIST_PRINTERS, EMPTY, in -> in.list(PrinterInfo::read));
    }

    /**
     * One printer.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param name the name of the printer
     * @return the printer as it is now
     * @throws ReceiptException {@code UNKNOWN_PRINTER}
     */
    public @NotNull PrinterInfo getPrinter(@NotNull String name) throws ReceiptException {
        Objects.requireNonNull(name, "name");
        mayBlock("getPrinter");
        return connection.call(Operation.PRINTER, new FrameWriter().string(name).frame(), PrinterInfo::read);
    }

    /**
     * As {@link #getPrinter(String)}, without blocking.
     *
     * @param name the name of the printer
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<PrinterInfo> getPrinterAsync(@NotNull String name) {
        Objects.requireNonNull(name, "name");
        return connection.start(Operation.PRINTER, new FrameWriter().string(name).frame(), PrinterInfo::read);
    }

    /**
     * Asks the printer everything that receiptd knows how to ask, and prints a page. For operators. It takes up to
     * about 20 s and occupies the printer like a job: the time for calls must be longer. Call it again only if
     * another page is wanted.
     *
     * <p>Blocks until the daemon answered.
     *
     * @param name the name of the printer
     * @return what was answered, how fast, and what it is worth
     * @throws ReceiptException {@code NOT_ALLOWED}, {@code UNKNOWN_PRINTER}, {@code PRINTER_NOT_READY}
     */
    public @NotNull ProbeReport probe(@NotNull String name) throws ReceiptException {
        Objects.requireNonNull(name, "name");
        mayBlock("probe");
        return connection.call(Operation.PROBE, new FrameWriter().string(name).frame(), ProbeReport::read);
    }

    /**
     * As {@link #probe(String)}, without blocking.
     *
     * @param name the name of the printer
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<ProbeReport> probeAsync(@NotNull String name) {
        Objects.requireNonNull(name, "name");
        return connection.start(Operation.PROBE, new FrameWriter().string(name).frame(), ProbeReport::read);
    }

    /**
     * The daemon itself: its version, and whether it can store receipts.
     *
     * <p>Blocks until the daemon answered.
     *
     * @return its properties
     * @throws ReceiptException {@code BUSY}
     */
    public @NotNull SpoolerInfo getSpooler() throws ReceiptException {
        mayBlock("getSpooler");
        return connection.call(Operation.SPOOLER, EMPTY, SpoolerInfo::read);
    }

    /**
     * As {@link #getSpooler()}, without blocking.
     *
     * @return a future; it fails with the {@link ReceiptException}
     */
    public @NotNull CompletableFuture<SpoolerInfo> getSpoolerAsync() {
        return connection.start(Operation.SPOOLER, EMPTY, SpoolerInfo::read);
    }

    /**
     * Calls {@code visitor} with every job that the filter lets through, page by page, until it says false.
     *
     * <p>Blocks until the last page was there; {@code visitor} runs in this thread.
     *
     * @param filter  which jobs; {@code limit} is the size of a page, {@code after} where to begin
     * @param visitor is given a job and says whether to go on
     * @throws ReceiptException as {@link #listJobs}
     */
    public void forEachJob(@NotNull JobFilter filter, @NotNull Predicate<? super Job> visitor) throws ReceiptException {
        Objects.requireNonNull(visitor, "visitor");
        JobFilter page = Objects.requireNonNull(filter, "filter");
        while (true) {
            JobPage jobs = listJobs(page);
            for (Job job : jobs.getJobs()) {
                if (!visitor.test(job)) {
                    return;
                }
            }
            if (jobs.getNext().isEmpty()) {
                return;
            }
            page = page.toBuilder().after(jobs.getNext()).build();
        }
    }

    /**
     * Tells a listener of every change of the jobs that the filter lets through, until the subscription or the
     * printer is closed. Does not block; {@link Subscription#whenReady()} says when the daemon has begun. To miss
     * nothing: watch, then list.
     *
     * <p>{@code activeOnly} in the filter means what it says: the end of a job is not told, since it is not active
     * then.
     *
     * @param filter   which jobs; {@code limit}, {@code newestFirst} and {@code after} mean nothing here
     * @param executor calls the listener, for example {@code context.getMainExecutor()}. One that runs tasks in the
     *     thread that hands them over ({@code Runnable::run}) is possible; a listener that blocks then holds up every
     *     answer to futures of this printer
     * @param listener the listener
     * @return what ends it
     */
    public @NotNull Subscription watch(@NotNull JobFilter filter, @NotNull Executor executor,
            @NotNull JobListener listener) {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(listener, "listener");
        connection.checkOpen();
        return watches.add(filter, new Serial(executor), listener);
    }

    /**
     * As {@link #watch(JobFilter, Executor, JobListener)}, with the callback executor of the printer.
     *
     * @param filter   which jobs
     * @param listener the listener
     * @return what ends it
     */
    public @NotNull Subscription watch(@NotNull JobFilter filter, @NotNull JobListener listener) {
        return watch(filter, callbacks, listener);
    }

    /**
     * Tells a listener of every change of printers and of the spooler, until the subscription or the printer is closed.
     * Does not block.
     *
     * @param executor calls the listener, as in {@link #watch}
     * @param listener the listener
     * @return what ends it
     */
    public @NotNull Subscription watchPrinters(@NotNull Executor executor, @NotNull PrinterListener listener) {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(listener, "listener");
        connection.checkOpen();
        return printerWatches.add(null, new Serial(executor), listener);
    }

    /**
     * As {@link #watchPrinters(Executor, PrinterListener)}, with the callback executor of the printer.
     *
     * @param listener the listener
     * @return what ends it
     */
    public @NotNull Subscription watchPrinters(@NotNull PrinterListener listener) {
        return watchPrinters(callbacks, listener);
    }

    /**
     * Hands a USB printer over that the app has opened, to a spooler in this process.
     *
     * <p>Blocks for a few milliseconds, so it may be called on any thread. The descriptor is duplicated; what the app
     * opened (on Android the {@code UsbDeviceConnection}) must still stay open until the attachment is closed.
     *
     * @param fd     the number of the file descriptor of the device
     * @param device the name that the system gave to the device, for logs
     * @return what takes it back: close it when the printer is unplugged
     * @throws ReceiptException {@code INVALID_ARGUMENT} if it is no printer that can be used, or too many are
     *     here already; the message says which
     * @throws IllegalStateException if this is a printer of a daemon
     */
    public @NotNull UsbAttachment attachUsb(int fd, @NotNull String device) throws ReceiptException {
        Objects.requireNonNull(device, "device");
        connection.checkOpen();
        long key = NativeBridge.attachUsb(connection.handle(), fd, new FrameWriter().string(device).frame());
        return new UsbAttachment(connection, key);
    }

    /**
     * Whether {@link #close()} was called.
     *
     * @return whether
     */
    public boolean isClosed() {
        return connection.isClosed();
    }

    /**
     * Ends it. May be called several times, on any thread, also inside a listener. Afterwards methods throw
     * {@code IllegalStateException}, listeners are told no more, and futures that were waiting have failed with
     * {@code CLOSED}, which is what they do in the thread that closes. Receipts that were accepted are not affected.
     *
     * <p>Does not wait for anything of a daemon. A spooler in this process is ended in order, which takes some
     * milliseconds, at most 5 s; what was not printed is printed after the next start.
     */
    @Override
    public void close() {
        connection.close();
    }

    /**
     * For logs.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return "ReceiptPrinter[" + connection.handle() + (connection.isClosed() ? ", closed]" : "]");
    }

    /** Completes a future where it shall be completed. */
    private interface Completion {
        void complete(CompletableFuture<List<Job>> future, List<Job> jobs, Throwable error);
    }

    private void print(SubmitRequest request, CompletableFuture<List<Job>> printed, Completion completion) {
        CompletableFuture<Submitted> submitted = new CompletableFuture<>();
        submitUntilAccepted(request, System.nanoTime(), new Backoff(), printed, submitted);
        submitted.whenComplete((accepted, error) -> {
            if (error != null) {
                completion.complete(printed, null, bare(error));
                return;
            }
            List<CompletableFuture<Job>> waiting = new ArrayList<>();
            for (long id : accepted.getJobIds()) {
                waiting.add(ends.whenDone(id));
            }
            CompletableFuture.allOf(waiting.toArray(new CompletableFuture<?>[0])).whenComplete((all, failed) -> {
                if (failed != null) {
                    completion.complete(printed, null, bare(failed));
                    return;
                }
                List<Job> jobs = new ArrayList<>();
                for (CompletableFuture<Job> job : waiting) {
                    jobs.add(job.join());
                }
                completion.complete(printed, Collections.unmodifiableList(jobs), null);
            });
            printed.whenComplete((jobs, given) -> {
                for (CompletableFuture<Job> job : waiting) {
                    job.cancel(false);
                }
            });
        });
    }

    /** Makes the submission again with the same key while that makes sense and the time for calls is not over. */
    private void submitUntilAccepted(SubmitRequest request, long sinceNanos, Backoff backoff,
            CompletableFuture<List<Job>> wanted, CompletableFuture<Submitted> submitted) {
        byte[] frame;
        try {
            checkSize(request);
            frame = request.frame();
        } catch (ReceiptException | IllegalArgumentException e) {
            submitted.completeExceptionally(e);
            return;
        }
        connection.startInside(request.operation(), frame, Submitted::read).whenComplete((accepted, error) -> {
            if (error == null) {
                submitted.complete(accepted);
                return;
            }
            long waitMs = backoff.nextMs();
            long overMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos) + waitMs;
            if (!Backoff.isPassing(bare(error)) || overMs > connection.timeoutMs() || wanted.isDone()) {
                submitted.completeExceptionally(bare(error));
                return;
            }
            Threads.later(waitMs, () -> submitUntilAccepted(request, sinceNanos, backoff, wanted, submitted));
        });
    }

    private void mayBlock(String method) {
        if (!mainThreadAllowed) {
            MainThread.refuse(method, method + "Async");
        }
    }

    private static void checkSize(SubmitRequest request) throws ReceiptException {
        if (request.size() > MAX_DOCUMENT_BYTES) {
            throw ReceiptException.tooLarge(request.size(), MAX_DOCUMENT_BYTES);
        }
    }

    private static void checkId(long id) {
        if (id < 0) {
            throw new IllegalArgumentException("a job's number is not below zero");
        }
    }

    private static byte[] id(long id) {
        return new FrameWriter().u64(id).frame();
    }

    private static byte[] id(long id, String reason) {
        return new FrameWriter().u64(id).string(reason).frame();
    }

    private static byte[] frame(JobFilter filter) {
        FrameWriter out = new FrameWriter();
        filter.write(out);
        return out.frame();
    }

    private static Throwable bare(Throwable error) {
        Throwable bare = error;
        while ((bare instanceof CompletionException || bare instanceof ExecutionException) && bare.getCause() != null) {
            bare = bare.getCause();
        }
        return bare;
    }

    /** Hands on what the connection is told. */
    private final class Told implements Connection.Listener {
        @Override
        public void jobChanged(Job job) {
            watches.jobChanged(job);
        }

        @Override
        public void missed(String why) {
            watches.missed(why);
        }

        @Override
        public void printerChanged(PrinterInfo printer) {
            printerWatches.printerChanged(printer);
        }

        @Override
        public void spoolerChanged(SpoolerInfo spooler) {
            printerWatches.spoolerChanged(spooler);
        }

        @Override
        public void connection(boolean there, String why) {
            watches.connection(there, why);
            printerWatches.connection(there, why);
        }
    }

    /**
     * Builds a {@link ReceiptPrinter} of a daemon. Not for several threads at once.
     *
     * <p>If nothing is said, it looks for the daemon as {@code receiptctl} does: the environment variable
     * {@code RECEIPTD_SOCKET}, else the default socket, else the system bus.
     */
    public static final class Builder {
        private String where = "";
        private final Common common = new Common();

        private Builder() {}

        /**
         * The daemon is on this Unix socket.
         *
         * @param path for example {@code /dev/socket/receiptd}
         * @return this
         */
        public @NotNull Builder socket(@NotNull String path) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("the path of a socket begins with a slash");
            }
            where = path;
            return this;
        }

        /**
         * The daemon is on the system bus.
         *
         * @return this
         */
        public @NotNull Builder systemBus() {
            where = "system";
            return this;
        }

        /**
         * The daemon is on the session bus.
         *
         * @return this
         */
        public @NotNull Builder sessionBus() {
            where = "session";
            return this;
        }

        /**
         * The daemon is at this D-Bus address.
         *
         * @param address for example {@code unix:path=/run/receiptd/api.sock}
         * @return this
         */
        public @NotNull Builder address(@NotNull String address) {
            where = Objects.requireNonNull(address, "address");
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
        public @NotNull Builder callTimeout(long time, @NotNull TimeUnit unit) {
            common.callTimeout(time, unit);
            return this;
        }

        /**
         * What completes futures, and calls listeners that have no executor of their own. Default: a thread of the
         * library that is there when it is needed, one thing after another.
         *
         * @param executor for example {@code context.getMainExecutor()}
         * @return this
         */
        public @NotNull Builder callbackExecutor(@NotNull Executor executor) {
            common.callbackExecutor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Whether methods that block may be called on Android's main thread. Default: false, they throw
         * {@code IllegalStateException}.
         *
         * @param allow whether
         * @return this
         */
        public @NotNull Builder allowMainThread(boolean allow) {
            common.allowMainThread = allow;
            return this;
        }

        /**
         * The printer. Does not block: the daemon is looked for at the first call.
         *
         * @return a new one
         * @throws UnsatisfiedLinkError if the native library can't be loaded; the message says what to do
         */
        public @NotNull ReceiptPrinter build() {
            NativeBridge.load();
            return common.printer(NativeBridge.openRemote(new FrameWriter().string(where).frame()));
        }
    }

    /** What the builders have in common. */
    static final class Common {
        Executor callbackExecutor;
        boolean allowMainThread;
        private long timeoutMs = Connection.DEFAULT_TIMEOUT_MS;

        void callTimeout(long time, TimeUnit unit) {
            long ms = unit.toMillis(time);
            if (ms < 1 || ms > Connection.DEFAULT_TIMEOUT_MS) {
                throw new IllegalArgumentException("the time for calls is 1 ms to 30 s");
            }
            timeoutMs = ms;
        }

        Common copy() {
            Common copy = new Common();
            copy.callbackExecutor = callbackExecutor;
            copy.allowMainThread = allowMainThread;
            copy.timeoutMs = timeoutMs;
            return copy;
        }

        ReceiptPrinter printer(long handle) {
            return new ReceiptPrinter(handle, callbackExecutor, timeoutMs, allowMainThread);
        }
    }
}
