import io.receiptd.Job;
import io.receiptd.JobFilter;
import io.receiptd.JobListener;
import io.receiptd.ReceiptException;
import io.receiptd.ReceiptPrinter;
import io.receiptd.SubmitRequest;
import io.receiptd.Submitted;
import io.receiptd.Subscription;
import io.receiptd.document.Receipt;
import java.io.File;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An app as small as can be that needs every way between Java and native code; its shrunk form is run on a JVM. */
public final class App {
    private static final int PATIENCE_S = 30;

    private App() {}

    /** The argument is a folder for the spool. */
    public static void main(String[] arguments) throws Exception {
        try (ReceiptPrinter printer = ReceiptPrinter.inProcess(new File(arguments[0])).open()) {
            CompletableFuture<Job> told = new CompletableFuture<>();
            JobListener listener = new JobListener() {
                @Override
                public void onJobChanged(Job job) {
                    told.complete(job);
                }
            };
            try (Subscription watching = printer.watch(JobFilter.builder().build(), listener)) {
                Receipt coffee = Receipt.builder().text("Coffee").build();
                Submitted done = printer.submitAsync(SubmitRequest.of("sale-1", coffee)).get(PATIENCE_S, TimeUnit.SECONDS);
                long id = told.get(PATIENCE_S, TimeUnit.SECONDS).getId();
                check(done.getJobIds().contains(id), "told of another job");
            }
            try {
                printer.getJob(17);
                check(false, "there is no job 17");
            } catch (ReceiptException why) {
                check(why.getCode() == ReceiptException.Code.UNKNOWN_JOB, "another error: " + why);
            }
        }
        System.out.println("works");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
