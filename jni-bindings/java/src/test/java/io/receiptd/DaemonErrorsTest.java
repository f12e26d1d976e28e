package io.receiptd;

import static io.receiptd.ErrorsTest.refused;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import io.receiptd.ReceiptException.Code;
import io.receiptd.ReceiptException.Retry;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** The daemon can't do now what it can do another time: what is told, and that the same call is right then. */
public class DaemonErrorsTest {
    private static SubmitRequest text(String key) {
        return SubmitRequest.builder(key).text("x").build();
    }

    /** A pipe that somebody will write into. */
    private static final class Pipe {
        final FileInputStream read;
        final FileOutputStream write;

        Pipe(Path path) throws Exception {
            Process made = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
            World.await(made);
            // To open one end waits for the other, unless somebody has both.
            RandomAccessFile both = new RandomAccessFile(path.toFile(), "rw");
            read = new FileInputStream(path.toFile());
            write = new FileOutputStream(path.toFile());
            both.close();
        }

        void say(String text) throws Exception {
            write.write(text.getBytes("UTF-8"));
            write.close();
            read.close();
        }
    }

    @Test
    public void one_file_more_than_the_daemon_reads_at_once_finds_it_busy() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            List<Pipe> pipes = new ArrayList<>();
            List<CompletableFuture<Submitted>> submitted = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                Pipe pipe = new Pipe(world.folder().resolve("pipe-" + i));
                pipes.add(pipe);
                submitted.add(printer.submitAsync(
                        SubmitRequest.builder("k" + i).file(DocumentKind.TEXT, pipe.read.getFD()).build()));
            }
            // Nobody wrote anything: the one that ends is the one that found no place.
            refused(Code.BUSY, Retry.SAME,
                    () -> World.get(CompletableFuture.anyOf(submitted.toArray(new CompletableFuture<?>[0]))));
            for (Pipe pipe : pipes) {
                pipe.say("x");
            }
            int busy = 0;
            for (int i = 0; i < 9; i++) {
                try {
                    assertFalse(World.get(submitted.get(i)).isExisted());
                } catch (ReceiptException e) {
                    assertEquals(Code.BUSY, e.getCode());
                    busy++;
                    assertFalse(printer.submit(text("k" + i)).isExisted());
                }
            }
            assertEquals(1, busy);
        }
    }

    @Test
    public void a_daemon_that_goes_down_with_a_slip_under_way_says_so() throws Exception {
        try (World world = new World()) {
            world.printer("till", "--speed", "10");
            world.start();
            try (ReceiptPrinter printer = world.builder().callTimeout(300, TimeUnit.MILLISECONDS).build()) {
                StringBuilder lines = new StringBuilder();
                for (int i = 0; i < 100; i++) {
                    lines.append("line ").append(i).append('\n');
                }
                long slow = printer.submit(SubmitRequest.builder("slow").text(lines.toString()).build()).getJobIds()
                        .get(0);
                world.ctl("till", "wait", "lines=3", "timeout_ms=60000");
                world.daemon().destroy();
                // It takes receipts until it has heard of its end, and none from then on.
                ReceiptException why = null;
                int late = 0;
                while (why == null) {
                    try {
                        printer.submit(text("late-" + ++late));
                    } catch (ReceiptException e) {
                        why = e;
                    }
                }
                ReceiptException told = why;
                refused(Code.SHUTTING_DOWN, Retry.SAME, () -> {
                    throw told;
                });
                // What was accepted can still be looked at.
                assertEquals(JobState.SENDING, printer.getJob(slow).getState());
                world.kill();
                world.start();
                assertFalse(printer.submit(text("late-" + late)).isExisted());
            }
        }
    }

    @Test
    public void a_disk_that_fails_takes_nothing_and_everything_when_it_is_well_again() throws Exception {
        try (World world = new World()) {
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                long before = printer.submit(text("before")).getJobIds().get(0);
                // The journal's next file can't be made where there is no folder.
                Path journal = world.folder().resolve("spool/journal");
                Path away = world.folder().resolve("away");
                Files.move(journal, away);
                StringBuilder large = new StringBuilder();
                for (int i = 0; i < 3_000; i++) {
                    large.append("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
                }
                String key = null;
                for (int i = 0; i < 100 && key == null; i++) {
                    try {
                        printer.submit(SubmitRequest.builder("large-" + i).text(large.toString()).build());
                    } catch (ReceiptException e) {
                        key = "large-" + i;
                    }
                }
                assertNotNull("it never failed", key);
                SubmitRequest again = SubmitRequest.builder(key).text(large.toString()).build();
                refused(Code.STORE_FAILED, Retry.AFTER_PERSON, () -> printer.submit(again));
                refused(Code.STORE_FAILED, Retry.AFTER_PERSON, () -> World.get(printer.submitAsync(again)));
                assertEquals(StoreState.FAILED, printer.getSpooler().getStoreState());
                assertTrue(printer.canPrint(100).getReasons().contains("store-failed"));
                assertEquals(before, printer.getJob(before).getId());
                Files.move(away, journal);
                world.kill();
                world.start();
                assertFalse(printer.submit(again).isExisted());
                assertEquals(StoreState.OK, printer.getSpooler().getStoreState());
            }
        }
    }

    @Test
    public void past_its_retention_a_receipt_can_be_neither_shown_nor_printed_again() throws Exception {
        try (World world = new World()) {
            // Stands in the section before it, that of the spool.
            world.section("keep-bodies-days = 0\n");
            world.printer("till", "--speed", "500");
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                Job job = printer.print(text("k")).get(0);
                refused(Code.BODY_GONE, Retry.NEVER, () -> printer.getReceipt(job.getId()));
                refused(Code.BODY_GONE, Retry.NEVER, () -> World.get(printer.getReceiptAsync(job.getId())));
                refused(Code.BODY_GONE, Retry.NEVER, () -> printer.reprint(job.getId(), "lost", "r"));
                assertFalse(printer.getJob(job.getId()).isBodyAvailable());
            }
        }
    }
}
