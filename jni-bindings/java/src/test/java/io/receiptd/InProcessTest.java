package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.receiptd.document.Receipt;
import java.io.File;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

/** The spooler in the app's own process. */
public class InProcessTest {
    private static final Receipt COFFEE = Receipt.builder().pair("拿铁 Latte", "18.50").build();

    @Test
    public void it_takes_receipts_without_a_printer() throws Exception {
        try (World world = new World();
                ReceiptPrinter printer = ReceiptPrinter.inProcess(world.folder().resolve("app").toFile()).open()) {
            CanPrintAnswer answer = printer.canPrint(100);
            assertTrue(answer.toString(), !answer.isCan());
            Submitted submitted = printer.submit(SubmitRequest.of("sale-1", COFFEE));
            assertEquals(JobState.QUEUED, printer.getJob(submitted.getJobIds().get(0)).getState());
            assertEquals(PrinterState.ABSENT, printer.getPrinter("printer").getState());
            assertEquals(StoreState.OK, printer.getSpooler().getStoreState());
            // Nobody else is here: the app is an operator.
            printer.cancel(submitted.getJobIds().get(0), "");
        }
    }

    @Test
    public void it_prints_and_tells() throws Exception {
        try (World world = new World()) {
            String[] address = world.printer("till", "--speed", "500").split(":");
            InProcessBuilder builder = ReceiptPrinter.inProcess(world.folder().resolve("app").toFile())
                    .networkPrinter(address[0], Integer.parseInt(address[1])).printerName("till")
                            .model("epson-tm-t88vi");
            try (ReceiptPrinter printer = World.get(builder.openAsync())) {
                List<Job> jobs = printer.print(SubmitRequest.of("sale-1", COFFEE));
                assertTrue(jobs.get(0).getState().isOnPaper());
                assertTrue(world.paper("till").contains("拿铁 Latte"));
            }
            // Closed in order: the folder is free, and what was is still known.
            try (ReceiptPrinter printer = builder.open()) {
                assertEquals(Collections.singletonList(1L), printer.findJobs("sale-1"));
                assertTrue(printer.getJob(1).hasEnded());
            }
        }
    }

    /** In a JVM of its own: takes receipts and is killed. */
    public static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            ReceiptPrinter printer = ReceiptPrinter.inProcess(new File(arguments[0])).printerName("till").open();
            for (int i = 0; i < 5; i++) {
                printer.submit(SubmitRequest.of("sale-" + i, COFFEE));
            }
            System.out.println("submitted");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    public void the_spool_survives_a_killed_app() throws Exception {
        try (World world = new World()) {
            File folder = world.folder().resolve("app").toFile();
            Process victim = World.jvm(Collections.emptyList(), Victim.class, folder.getPath()).start();
            assertEquals("submitted", World.firstLine(victim));
            victim.destroyForcibly();
            World.await(victim);
            String[] address = world.printer("till", "--speed", "500").split(":");
            try (ReceiptPrinter printer = ReceiptPrinter.inProcess(folder).printerName("till")
                    .networkPrinter(address[0], Integer.parseInt(address[1])).open()) {
                for (int i = 0; i < 5; i++) {
                    List<Long> ids = printer.findJobs("sale-" + i);
                    assertEquals(1, ids.size());
                    CompletableFuture<Job> done = printer.whenDone(ids.get(0));
                    assertTrue(World.get(done).getState().isOnPaper());
                    // To ask again with the same key is the same receipt, over the death of the app too.
                    assertTrue(printer.submit(SubmitRequest.of("sale-" + i, COFFEE)).isExisted());
                }
                assertEquals(5, world.paper("till").split("18.50", -1).length - 1);
            }
        }
    }

    @Test
    public void several_are_hosted_in_one_process() throws Exception {
        try (World world = new World();
                ReceiptPrinter one = ReceiptPrinter.inProcess(world.folder().resolve("one").toFile()).open();
                ReceiptPrinter two = ReceiptPrinter.inProcess(world.folder().resolve("two").toFile()).open()) {
            one.submit(SubmitRequest.of("k", COFFEE));
            assertEquals(Arrays.asList(1L), one.findJobs("k"));
            assertEquals(Collections.emptyList(), two.findJobs("k"));
        }
    }
}
