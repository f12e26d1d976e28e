package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.receiptd.document.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

/** A daemon that dies under those who wait. */
public class RestartTest {
    private static Receipt slip(String name) {
        Receipt.Builder slip = Receipt.builder();
        for (int i = 0; i < 20; i++) {
            slip.pair(name + " " + i, "1.00");
        }
        return slip.text(name + " END").build();
    }

    @Test
    public void a_future_waits_over_a_crash_and_nothing_is_submitted_twice() throws Exception {
        try (World world = new World()) {
            world.printer("till", "--speed", "500");
            world.start();
            // In the middle of the second slip the printer stands still, so that the crash can't come too late.
            world.ctl("till", "when", "line=30", "do=cover_open");
            try (ReceiptPrinter printer = world.open()) {
                List<CompletableFuture<List<Job>>> printed = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    printed.add(printer.printAsync(SubmitRequest.of("slip-" + i, slip("slip-" + i))));
                }
                world.ctl("till", "wait", "lines=30", "online=false", "timeout_ms=60000");
                // Submissions that are made while there is no daemon wait for it too.
                world.kill();
                for (int i = 4; i < 6; i++) {
                    printed.add(printer.printAsync(SubmitRequest.of("slip-" + i, slip("slip-" + i))));
                }
                for (CompletableFuture<List<Job>> one : printed.subList(1, 6)) {
                    assertFalse(one.isDone());
                }
                world.start();
                world.ctl("till", "cover_close");
                Map<String, Long> ids = new HashMap<>();
                for (CompletableFuture<List<Job>> one : printed) {
                    List<Job> jobs = World.get(one);
                    assertEquals(1, jobs.size());
                    assertTrue(jobs.get(0).toString(), jobs.get(0).getState().isOnPaper());
                    ids.put(jobs.get(0).getKey(), jobs.get(0).getId());
                }
                assertEquals(6, ids.size());
                List<Job> all = new ArrayList<>();
                printer.forEachJob(JobFilter.builder().build(), all::add);
                assertEquals("nothing twice", 6, all.size());
                // On paper everything once, or again with its mark.
                String paper = world.paper("till");
                for (int i = 0; i < 6; i++) {
                    int times = paper.split("slip-" + i + " END", -1).length - 1;
                    assertTrue(paper, times >= 1);
                }
                int marked = paper.split("DUPLICATE", -1).length - 1;
                int ends = paper.split(" END", -1).length - 1;
                assertTrue(paper, ends <= 6 + marked);
            }
        }
    }

    @Test
    public void an_end_while_the_daemon_was_away_is_not_missed() throws Exception {
        try (World world = World.ready()) {
            try (ReceiptPrinter printer = world.open()) {
                long held = printer.submit(SubmitRequest.builder("held").text("x").hold(true).build()).getJobIds()
                        .get(0);
                CompletableFuture<Job> done = printer.whenDone(held);
                // That it waits is known once an answer to the same question has come.
                World.get(printer.getJobAsync(held));
                world.kill();
                world.start();
                try (ReceiptPrinter other = world.open()) {
                    other.cancel(held, "");
                }
                assertEquals(JobState.CANCELED, World.get(done).getState());
            }
        }
    }

    @Test
    public void a_waiting_that_is_given_up_changes_nothing() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            long id = printer.submit(SubmitRequest.builder("k").text("x").hold(true).build()).getJobIds().get(0);
            CompletableFuture<Job> first = printer.whenDone(id);
            CompletableFuture<Job> second = printer.whenDone(id);
            first.cancel(false);
            assertEquals(JobState.HELD, printer.getJob(id).getState());
            printer.release(id);
            assertTrue(World.get(second).hasEnded());
            assertTrue(World.get(printer.whenDone(id)).hasEnded());
        }
    }

    @Test
    public void a_thousand_submissions_are_accepted_in_order() throws Exception {
        try (World world = new World()) {
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                List<CompletableFuture<Submitted>> futures = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    futures.add(printer.submitAsync(SubmitRequest.builder("key-" + i).text("x" + i).build()));
                }
                long last = 0;
                for (CompletableFuture<Submitted> future : futures) {
                    long id = World.get(future).getJobIds().get(0);
                    assertTrue(id + " after " + last, id > last);
                    last = id;
                }
                List<String> keys = new ArrayList<>();
                printer.forEachJob(JobFilter.builder().limit(500).build(), job -> keys.add(job.getKey()));
                assertEquals(1000, keys.size());
                for (int i = 0; i < 1000; i++) {
                    assertEquals("key-" + i, keys.get(i));
                }
            }
        }
    }
}
