package io.receiptd;

import static io.receiptd.ErrorsTest.refused;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.receiptd.ReceiptException.Code;
import io.receiptd.ReceiptException.Retry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

/** What is at the daemon's place is not the daemon that this library knows, or goes while it is asked. */
@SuppressWarnings("try") // Nobody calls the fake but over its socket.
public class PeerTest {
    private static SubmitRequest request() {
        return SubmitRequest.builder("k").text("x").build();
    }

    @Test
    public void an_answer_of_another_shape_is_no_answer() throws Exception {
        try (World world = new World();
                FakeDaemon fake = new FakeDaemon(world.socket(), serial -> FakeDaemon.string(serial, "nonsense"));
                ReceiptPrinter printer = world.open()) {
            refused(Code.PROTOCOL, Retry.NEVER, () -> printer.findJobs("k"));
            refused(Code.PROTOCOL, Retry.NEVER, () -> printer.submit(request()));
            refused(Code.PROTOCOL, Retry.NEVER, () -> World.get(printer.submitAsync(request())));
            refused(Code.PROTOCOL, Retry.NEVER, () -> World.get(printer.whenDone(1)));
            refused(Code.PROTOCOL, Retry.NEVER, () -> printer.print(request()));
        }
    }

    @Test
    public void an_error_of_a_newer_daemon_keeps_its_name() throws Exception {
        try (World world = new World();
                FakeDaemon fake = new FakeDaemon(world.socket(),
                        serial -> FakeDaemon.error(serial, "io.receiptd.Error.PaperTooThin", "it tears"));
                ReceiptPrinter printer = world.open()) {
            ReceiptException e = refused(Code.UNKNOWN, Retry.NEVER, () -> printer.submit(request()));
            assertEquals("PaperTooThin", e.getName());
            assertTrue(e.getMessage(), e.getMessage().startsWith("it tears"));
            refused(Code.UNKNOWN, Retry.NEVER, () -> World.get(printer.getJobAsync(1)));
        }
    }

    @Test
    public void an_error_that_is_not_of_receiptd_is_told_with_its_words() throws Exception {
        try (World world = new World();
                FakeDaemon fake = new FakeDaemon(world.socket(), serial -> FakeDaemon.error(serial,
                        "org.freedesktop.DBus.Error.UnknownMethod", "there is no GetReceipt"));
                ReceiptPrinter printer = world.open()) {
            ReceiptException e = refused(Code.PROTOCOL, Retry.NEVER, () -> printer.getReceipt(1));
            assertTrue(e.getMessage(), e.getMessage().contains("there is no GetReceipt"));
        }
    }

    @Test
    public void a_submission_whose_daemon_went_under_it_may_have_been_accepted() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (World world = new World();
                FakeDaemon fake = new FakeDaemon(world.socket(), serial -> {
                    calls.incrementAndGet();
                    return null;
                });
                ReceiptPrinter printer = world.builder().callTimeout(500, TimeUnit.MILLISECONDS).build()) {
            // Not that nobody runs, although nobody does by then.
            refused(Code.DISCONNECTED, Retry.SAME, () -> printer.submit(request()));
            assertEquals(1, calls.get());
        }
    }

    @Test
    public void what_changes_a_job_is_not_asked_twice_of_a_daemon_that_went() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (World world = new World();
                FakeDaemon fake = new FakeDaemon(world.socket(), serial -> {
                    calls.incrementAndGet();
                    return null;
                });
                ReceiptPrinter printer = world.open()) {
            refused(Code.DISCONNECTED, Retry.SAME, () -> printer.cancel(1, ""));
            assertEquals(1, calls.get());
        }
    }
}
