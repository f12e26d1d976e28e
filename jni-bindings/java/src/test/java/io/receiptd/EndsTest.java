package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** Whoever waits for the end of a job is told of that job, and of little else. */
public class EndsTest {
    /** What native code says to a printer object, on its way there. */
    private static final class Heard implements NativeBridge.Upcalls {
        final Set<String> keys = new ConcurrentSkipListSet<>();
        private final Semaphore answers = new Semaphore(0);
        private final Connection connection;

        Heard(ReceiptPrinter printer) throws ReflectiveOperationException {
            Field field = ReceiptPrinter.class.getDeclaredField("connection");
            field.setAccessible(true);
            connection = (Connection) field.get(printer);
            NativeBridge.register(connection.handle(), this);
        }

        @Override
        public void upcall(int kind, long ticket, byte[] frame) {
            if (kind == NativeBridge.JOB_CHANGED) {
                keys.add(Job.read(new FrameReader(frame)).getKey());
            }
            connection.upcall(kind, ticket, frame);
            if (kind == NativeBridge.ANSWER) {
                answers.release();
            }
        }

        void answers(int count) throws InterruptedException {
            assertTrue(answers.tryAcquire(count, World.PATIENCE_S, TimeUnit.SECONDS));
        }
    }

    private static long hold(ReceiptPrinter printer, String key) throws ReceiptException {
        return printer.submit(SubmitRequest.builder(key).text("x").hold(true).build()).getJobIds().get(0);
    }

    @Test
    public void who_waits_for_one_job_is_not_woken_by_the_others() throws Exception {
        try (World world = World.ready(); ReceiptPrinter shop = world.open(); ReceiptPrinter waiter = world.open()) {
            Heard heard = new Heard(waiter);
            long id = hold(shop, "mine");
            CompletableFuture<Job> done = waiter.whenDone(id);
            // What it is, the watch, what it is by then.
            heard.answers(3);
            shop.cancel(hold(shop, "another"), "");
            shop.print(SubmitRequest.builder("a-third").text("x").build());
            shop.cancel(id, "");
            assertEquals(JobState.CANCELED, World.get(done).getState());
            assertEquals(Collections.singleton("mine"), heard.keys);
        }
    }

    @Test
    public void an_operator_who_waits_for_some_jobs_is_not_woken_by_those_of_other_users() throws Exception {
        try (World world = World.ready(); ReceiptPrinter shop = world.open(); ReceiptPrinter waiter = world.open()) {
            assertTrue(world.folder().toFile().setExecutable(true, false));
            Heard heard = new Heard(waiter);
            long[] ids = {hold(shop, "a"), hold(shop, "b"), hold(shop, "c")};
            CompletableFuture<Job> a = waiter.whenDone(ids[0]);
            heard.answers(3);
            CompletableFuture<Job> b = waiter.whenDone(ids[1]);
            // The second one needs a wider watch, and both are asked for once it is there.
            heard.answers(4);
            CompletableFuture<Job> c = waiter.whenDone(ids[2]);
            // The third one does not.
            heard.answers(1);
            Process nobody = World.jvm(Arrays.asList("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
                    ErrorsTest.Nobody.class, world.socket()).start();
            String said = new String(nobody.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            World.await(nobody);
            assertTrue(said, said.endsWith("OK\n"));
            // Theirs is the next job.
            World.get(shop.whenDone(ids[2] + 1));
            for (long id : ids) {
                shop.cancel(id, "");
            }
            for (CompletableFuture<Job> done : Arrays.asList(a, b, c)) {
                assertEquals(JobState.CANCELED, World.get(done).getState());
            }
            assertEquals(new ConcurrentSkipListSet<>(Arrays.asList("a", "b", "c")), heard.keys);
        }
    }
}
