package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

public class ListenerTest {
    private static final JobFilter ALL = JobFilter.builder().build();

    private World world;
    private ReceiptPrinter printer;
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @Before
    public void start() throws Exception {
        world = World.ready();
        printer = world.open();
    }

    @After
    public void end() throws Exception {
        executor.shutdownNow();
        printer.close();
        world.close();
    }

    /** Keeps what it is told. */
    private static class Kept implements JobListener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void onJobChanged(Job job) {
            events.add(job.getKey() + " " + job.getState().getWord());
        }

        @Override
        public void onMissed(String why) {
            events.add("missed");
        }

        @Override
        public void onConnectionLost(String why) {
            events.add("lost");
        }

        @Override
        public void onConnectionRestored() {
            events.add("restored");
        }

        /** Waits until it is told this, and gives what it was told before. */
        List<String> until(String event) throws InterruptedException {
            List<String> before = new ArrayList<>();
            while (true) {
                String one = events.poll(World.PATIENCE_S, TimeUnit.SECONDS);
                if (one == null) {
                    throw new AssertionError("never told " + event + ", only " + before);
                }
                if (one.equals(event)) {
                    return before;
                }
                before.add(one);
            }
        }
    }

    private void submitHeld(String key) throws ReceiptException {
        printer.submit(SubmitRequest.builder(key).text("x").hold(true).build());
    }

    @Test
    public void one_that_throws_is_logged_and_the_others_are_told() throws Exception {
        BlockingQueue<LogRecord> log = new LinkedBlockingQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getThrown() != null) {
                    log.add(record);
                }
            }

            @Override
            public void flush() { }

            @Override
            public void close() { }
        };
        Logger.getLogger("io.receiptd").addHandler(handler);
        try {
            AtomicInteger thrown = new AtomicInteger();
            Subscription bad = printer.watch(ALL, executor, new JobListener() {
                @Override
                public void onJobChanged(Job job) {
                    throw new IllegalStateException("listener " + thrown.incrementAndGet());
                }
            });
            Kept good = new Kept();
            Subscription watch = printer.watch(ALL, good);
            World.get(bad.whenReady());
            World.get(watch.whenReady());
            submitHeld("a");
            submitHeld("b");
            good.until("a held");
            good.until("b held");
            // It is told the second one too.
            for (int i = 1; i <= 2; i++) {
                LogRecord record = log.poll(World.PATIENCE_S, TimeUnit.SECONDS);
                assertEquals("listener " + i, record.getThrown().getMessage());
            }
        } finally {
            Logger.getLogger("io.receiptd").removeHandler(handler);
        }
    }

    @Test
    public void one_that_blocks_holds_up_nobody_else() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        Subscription blocking = printer.watch(ALL, executor, new JobListener() {
            @Override
            public void onJobChanged(Job job) {
                stuck.countDown();
                try {
                    free.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        Kept other = new Kept();
        World.get(blocking.whenReady());
        World.get(printer.watch(ALL, executor, other).whenReady());
        submitHeld("a");
        assertTrue(stuck.await(World.PATIENCE_S, TimeUnit.SECONDS));
        other.until("a held");
        submitHeld("b");
        other.until("b held");
        assertEquals(1, World.get(printer.findJobsAsync("b")).size());
        assertTrue(World.get(printer.printAsync(SubmitRequest.builder("c").text("x").build())).get(0).hasEnded());
        free.countDown();
    }

    @Test
    public void one_that_blocks_the_callback_executor_does_not_hold_up_calls_that_block() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        // A listener: a future that is complete already would call back in this thread.
        World.get(printer.watch(ALL, new JobListener() {
            @Override
            public void onJobChanged(Job job) {
                stuck.countDown();
                try {
                    free.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }).whenReady());
        submitHeld("a");
        assertTrue(stuck.await(World.PATIENCE_S, TimeUnit.SECONDS));
        CompletableFuture<SpoolerInfo> never = printer.getSpoolerAsync();
        assertTrue(printer.print(SubmitRequest.builder("k").text("x").build()).get(0).hasEnded());
        assertFalse(never.isDone());
        free.countDown();
        World.get(never);
    }

    @Test
    public void a_blocking_call_inside_a_callback_works() throws Exception {
        CompletableFuture<List<Job>> printed = printer.getSpoolerAsync().thenApply(spooler -> {
            try {
                return printer.print(SubmitRequest.builder("k").text("x").build());
            } catch (ReceiptException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertTrue(World.get(printed).get(0).hasEnded());
    }

    @Test
    public void one_may_close_its_subscription_and_the_printer() throws Exception {
        AtomicInteger told = new AtomicInteger();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        CompletableFuture<Subscription> own = new CompletableFuture<>();
        Kept other = new Kept();
        Subscription first = printer.watch(ALL, executor, new JobListener() {
            @Override
            public void onJobChanged(Job job) {
                told.incrementAndGet();
                own.join().close();
            }
        });
        own.complete(first);
        World.get(first.whenReady());
        World.get(printer.watch(ALL, executor, other).whenReady());
        submitHeld("a");
        other.until("a held");
        submitHeld("b");
        other.until("b held");
        assertEquals(1, told.get());
        first.close();

        World.get(printer.watch(ALL, executor, new JobListener() {
            @Override
            public void onJobChanged(Job job) {
                printer.close();
                printer.close();
                closed.complete(null);
            }
        }).whenReady());
        CompletableFuture<Job> waiting = printer.whenDone(printer.findJobs("a").get(0));
        submitHeld("c");
        World.get(closed);
        assertEquals(ReceiptException.Code.CLOSED,
                assertThrows(ReceiptException.class, () -> World.get(waiting)).getCode());
        assertThrows(IllegalStateException.class, () -> printer.getSpooler());
    }

    @Test
    public void each_is_told_what_its_filter_lets_through_in_order() throws Exception {
        Kept a = new Kept();
        Kept held = new Kept();
        Kept all = new Kept();
        Subscription first = printer.watch(JobFilter.builder().key("a").build(), executor, a);
        World.get(first.whenReady());
        // The watch of the daemon is widened for each of these, and the first one notices nothing.
        World.get(printer.watch(JobFilter.builder().state(JobState.HELD).build(), executor, held).whenReady());
        World.get(printer.watch(ALL, executor, all).whenReady());
        submitHeld("a");
        submitHeld("b");
        printer.release(printer.findJobs("b").get(0));
        World.get(printer.whenDone(printer.findJobs("b").get(0)));
        printer.cancel(printer.findJobs("a").get(0), "");
        List<String> seen = all.until("a canceled");
        assertTrue(seen.toString(), seen.indexOf("a held") < seen.indexOf("b held"));
        assertTrue(seen.toString(), seen.indexOf("b held") < seen.indexOf("b queued"));
        for (String event : a.until("a canceled")) {
            assertTrue(event, event.startsWith("a "));
        }
        assertEquals(Arrays.asList(), held.until("a held"));
        assertEquals(Arrays.asList(), held.until("b held"));
        assertTrue(held.events.toString(), held.events.isEmpty());
    }

    @Test
    public void a_narrow_watch_is_all_that_the_daemon_is_asked_for() throws Exception {
        Kept kept = new Kept();
        World.get(printer.watch(JobFilter.builder().key("b").build(), executor, kept).whenReady());
        submitHeld("a");
        submitHeld("b");
        assertEquals(Arrays.asList(), kept.until("b held"));
    }

    @Test
    public void a_daemon_that_is_killed_and_started_again_is_told_and_watched_again() throws Exception {
        Kept kept = new Kept();
        CompletableFuture<String> lost = new CompletableFuture<>();
        CompletableFuture<Void> restored = new CompletableFuture<>();
        World.get(printer.watch(ALL, executor, kept).whenReady());
        World.get(printer.watchPrinters(executor, new PrinterListener() {
            @Override
            public void onConnectionLost(String why) {
                lost.complete(why);
            }

            @Override
            public void onConnectionRestored() {
                restored.complete(null);
            }
        }).whenReady());
        submitHeld("a");
        kept.until("a held");
        world.kill();
        kept.until("lost");
        assertFalse(World.get(lost).isEmpty());
        world.start();
        assertEquals(Arrays.asList("restored"), kept.until("missed"));
        World.get(restored);
        submitHeld("b");
        assertFalse(kept.until("b held").contains("lost"));
    }

    @Test
    public void an_executor_that_refuses_costs_nobody_else_anything() throws Exception {
        ExecutorService dead = Executors.newSingleThreadExecutor();
        dead.shutdown();
        Kept kept = new Kept();
        World.get(printer.watch(ALL, dead, new Kept()).whenReady());
        World.get(printer.watch(ALL, executor, kept).whenReady());
        submitHeld("a");
        kept.until("a held");
        try (ReceiptPrinter other = world.builder().callbackExecutor(dead).build()) {
            assertEquals(1, World.get(other.findJobsAsync("a")).size());
        }
    }

    @Test
    public void futures_are_completed_where_the_app_wants_it() throws Exception {
        ExecutorService own = Executors.newSingleThreadExecutor(task -> new Thread(task, "own"));
        try (ReceiptPrinter other = world.builder().callbackExecutor(own).build()) {
            CountDownLatch listening = new CountDownLatch(1);
            // The first answer can't be completed before somebody listens.
            own.execute(() -> {
                try {
                    listening.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            CompletableFuture<String> where = other.getSpoolerAsync().thenApply(s -> Thread.currentThread().getName());
            listening.countDown();
            assertEquals("own", World.get(where));
        } finally {
            own.shutdown();
        }
    }
}
