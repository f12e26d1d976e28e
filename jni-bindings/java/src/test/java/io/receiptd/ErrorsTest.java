package io.receiptd;

import static io.receiptd.ReceiptException.Code;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.receiptd.document.QrLine;
import io.receiptd.document.Receipt;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.Assume;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** Each error is met where it can be brought about, with its code, both sentences, and whether to ask again. */
public class ErrorsTest {
    static ReceiptException refused(Code code, ReceiptException.Retry retry, ThrowingRunnable call) {
        ReceiptException e = assertThrows(ReceiptException.class, call);
        assertEquals(e.toString(), code, e.getCode());
        assertEquals(e.toString(), retry, e.getRetry());
        assertFalse(e.getMessage().isEmpty());
        assertFalse("the name is for programs: " + e.getMessage(), e.getMessage().contains("io.receiptd.Error"));
        assertTrue(e.getMessageZh(), e.getMessageZh().codePoints().anyMatch(c -> c >= 0x4e00 && c <= 0x9fff));
        return e;
    }

    @Test
    public void what_is_wrong_with_a_submission_is_told() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            ReceiptException e = refused(Code.INVALID_DOCUMENT, ReceiptException.Retry.NEVER,
                    () -> printer.submit(SubmitRequest.builder("k").json("{\"version\":1,\"lines\":[{\"txt\":{}}]}")
                            .build()));
            assertTrue(e.getMessage(), e.getMessage().contains("lines"));
            refused(Code.INVALID_DOCUMENT, ReceiptException.Retry.NEVER,
                    () -> World.get(printer.submitAsync(SubmitRequest.builder("k").json("{").build())));
            refused(Code.INVALID_ARGUMENT, ReceiptException.Retry.NEVER,
                    () -> printer.submit(SubmitRequest.builder("").text("x").build()));
            refused(Code.UNKNOWN_PRINTER, ReceiptException.Retry.AFTER_PERSON,
                    () -> printer.submit(SubmitRequest.builder("k").text("x").printer("厨房").build()));
            printer.submit(SubmitRequest.builder("k").text("x").build());
            refused(Code.KEY_CONFLICT, ReceiptException.Retry.NEVER,
                    () -> printer.submit(SubmitRequest.builder("k").text("y").build()));
            refused(Code.KEY_CONFLICT, ReceiptException.Retry.NEVER,
                    () -> printer.print(SubmitRequest.builder("k").text("y").build()));
        }
    }

    @Test
    public void what_is_too_large_is_told_by_java_and_by_the_daemon() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            byte[] large = new byte[(1 << 20) + 1];
            Arrays.fill(large, (byte) ' ');
            SubmitRequest request = SubmitRequest.builder("k").text(new String(large, StandardCharsets.US_ASCII))
                    .build();
            refused(Code.TOO_LARGE, ReceiptException.Retry.NEVER, () -> printer.submit(request));
            refused(Code.TOO_LARGE, ReceiptException.Retry.NEVER, () -> World.get(printer.submitAsync(request)));
            refused(Code.TOO_LARGE, ReceiptException.Retry.NEVER, () -> World.get(printer.printAsync(request)));
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 4097; i++) {
                lines.append("x\n");
            }
            refused(Code.TOO_LARGE, ReceiptException.Retry.NEVER,
                    () -> printer.submit(SubmitRequest.builder("k").text(lines.toString()).build()));
            assertEquals(Collections.emptyList(), printer.findJobs("k"));
            // At the bound it is taken by Java, and by the way to the daemon.
            byte[] most = Arrays.copyOf(large, 1 << 20);
            refused(Code.INVALID_DOCUMENT, ReceiptException.Retry.NEVER,
                    () -> printer.submit(SubmitRequest.builder("k").json(new String(most, StandardCharsets.US_ASCII))
                            .build()));
        }
    }

    @Test
    public void a_full_card_number_in_a_code_is_refused_and_not_repeated() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            ReceiptException e = refused(Code.INVALID_DOCUMENT, ReceiptException.Retry.NEVER, () -> printer.submit(
                    SubmitRequest.of("k", Receipt.builder().add(QrLine.of("4111111111111111")).build())));
            assertFalse(e.toString(), e.toString().contains("411111111"));
        }
    }

    @Test
    public void what_a_job_does_not_allow_is_told() throws Exception {
        try (World world = new World()) {
            world.printer("till", "--speed", "500");
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                refused(Code.UNKNOWN_JOB, ReceiptException.Retry.NEVER, () -> printer.getJob(77));
                refused(Code.UNKNOWN_JOB, ReceiptException.Retry.NEVER, () -> World.get(printer.whenDone(77)));
                refused(Code.UNKNOWN_JOB, ReceiptException.Retry.NEVER, () -> World.get(printer.cancelAsync(77, "")));
                long id = printer.print(SubmitRequest.builder("k").text("x").build()).get(0).getId();
                refused(Code.WRONG_STATE, ReceiptException.Retry.NEVER, () -> printer.cancel(id, ""));
                refused(Code.WRONG_STATE, ReceiptException.Retry.NEVER,
                        () -> printer.resolve(id, Outcome.NOT_PRINTED, ""));
                refused(Code.UNKNOWN_PRINTER, ReceiptException.Retry.AFTER_PERSON, () -> printer.canPrint("bar", 100));
                refused(Code.UNKNOWN_PRINTER, ReceiptException.Retry.AFTER_PERSON, () -> printer.getPrinter("bar"));
                refused(Code.PRINTER_NOT_READY, ReceiptException.Retry.AFTER_PERSON, () -> printer.probe("off"));
                refused(Code.INVALID_ARGUMENT, ReceiptException.Retry.NEVER,
                        () -> printer.listJobs(JobFilter.builder().limit(501).build()));
                assertThrows(IllegalArgumentException.class, () -> printer.getJob(-1));
            }
        }
    }

    @Test
    public void a_full_queue_is_told() throws Exception {
        try (World world = new World()) {
            world.section("[jobs]\nactive-max = 2\nactive-per-user-max = 2\n");
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                printer.submit(SubmitRequest.builder("1").text("x").build());
                printer.submit(SubmitRequest.builder("2").text("x").build());
                refused(Code.QUEUE_FULL, ReceiptException.Retry.AFTER_PERSON,
                        () -> printer.submit(SubmitRequest.builder("3").text("x").build()));
            }
        }
    }

    @Test
    public void a_full_disk_is_told_and_the_property_with_it() throws Exception {
        Assume.assumeTrue("needs root", "root".equals(System.getProperty("user.name")));
        try (World world = new World()) {
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.smallDisk(32 << 20);
            world.start();
            try (ReceiptPrinter printer = world.open()) {
                CompletableFuture<StoreState> told = new CompletableFuture<>();
                World.get(printer.watchPrinters(new PrinterListener() {
                    @Override
                    public void onSpoolerChanged(SpoolerInfo spooler) {
                        if (spooler.getStoreState() == StoreState.FULL) {
                            told.complete(spooler.getStoreState());
                        }
                    }
                }).whenReady());
                // Somebody else fills the disk to its last byte.
                File hog = world.folder().resolve("spool/core.dump").toFile();
                try (FileOutputStream out = new FileOutputStream(hog)) {
                    while (true) {
                        out.write(new byte[65_536]);
                    }
                } catch (IOException e) {
                    assertTrue(e.getMessage(), hog.length() > 1 << 20);
                }
                SubmitRequest request = SubmitRequest.builder("k").text("x").build();
                refused(Code.STORE_FULL, ReceiptException.Retry.AFTER_PERSON, () -> printer.submit(request));
                assertEquals(StoreState.FULL, World.get(told));
                assertEquals(StoreState.FULL, printer.getSpooler().getStoreState());
            }
        }
    }

    @Test
    public void the_129th_watch_is_refused_and_its_listener_told() throws Exception {
        try (World world = World.ready()) {
            List<ReceiptPrinter> printers = new ArrayList<>();
            try {
                JobFilter all = JobFilter.builder().build();
                for (int i = 0; i < 128; i++) {
                    printers.add(world.open());
                    World.get(printers.get(i).watch(all, new JobListener() { }).whenReady());
                }
                ReceiptPrinter one = world.open();
                printers.add(one);
                CompletableFuture<ReceiptException> lost = new CompletableFuture<>();
                Subscription watch = one.watch(all, new JobListener() {
                    @Override
                    public void onWatchLost(ReceiptException why) {
                        lost.complete(why);
                    }
                });
                refused(Code.TOO_MANY_WATCHES, ReceiptException.Retry.NEVER, () -> World.get(watch.whenReady()));
                assertEquals(Code.TOO_MANY_WATCHES, World.get(lost).getCode());
                // Everything else still works.
                assertEquals(1, one.listPrinters().size());
            } finally {
                for (ReceiptPrinter printer : printers) {
                    printer.close();
                }
            }
        }
    }

    @Test
    public void a_daemon_that_is_not_there_is_told_after_a_while() throws Exception {
        try (World world = new World(); ReceiptPrinter printer = world.builder().callTimeout(300, TimeUnit.MILLISECONDS)
                .build()) {
            ReceiptException e = assertThrows(ReceiptException.class, printer::getSpooler);
            assertTrue(e.toString(), Arrays.asList(Code.DISCONNECTED, Code.TIMED_OUT, Code.NOT_RUNNING)
                    .contains(e.getCode()));
            ReceiptException async = assertThrows(ReceiptException.class, () -> World.get(printer.getSpoolerAsync()));
            assertTrue(async.toString(), Arrays.asList(Code.DISCONNECTED, Code.TIMED_OUT, Code.NOT_RUNNING)
                    .contains(async.getCode()));
        }
    }

    @Test
    public void a_daemon_that_does_not_answer_is_told_in_time() throws Exception {
        try (World world = new World(); ServerSocketChannel mute =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            mute.bind(UnixDomainSocketAddress.of(world.socket()));
            try (ReceiptPrinter printer = world.builder().callTimeout(200, TimeUnit.MILLISECONDS).build()) {
                long before = System.nanoTime();
                refused(Code.TIMED_OUT, ReceiptException.Retry.SAME, printer::getSpooler);
                refused(Code.TIMED_OUT, ReceiptException.Retry.SAME, () -> World.get(printer.getSpoolerAsync()));
                assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(20));
            }
        }
    }

    /** In another JVM, as another user. */
    public static final class Nobody {
        private Nobody() {}

        public static void main(String[] arguments) throws Exception {
            try (ReceiptPrinter printer = ReceiptPrinter.builder().socket(arguments[0]).build()) {
                for (ThrowingRunnable call : new ThrowingRunnable[] {
                    () -> printer.probe("till"), () -> printer.getJob(1), () ->
                            printer.submit(SubmitRequest.builder("k").text("x").build())}) {
                    try {
                        call.run();
                        System.out.println("OK");
                    } catch (ReceiptException e) {
                        System.out.println(e.getCode() + " " + e.getRetry());
                    } catch (Throwable e) {
                        System.out.println(e);
                    }
                }
            }
        }
    }

    @Test
    public void another_user_may_do_less() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            printer.print(SubmitRequest.builder("k").text("x").build());
            if (!world.folder().toFile().setExecutable(true, false)) {
                throw new AssertionError("the folder can't be opened for others");
            }
            Process nobody = World.jvm(Arrays.asList("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
                    Nobody.class, world.socket()).start();
            String said = new String(nobody.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            World.await(nobody);
            assertEquals("NOT_ALLOWED AFTER_PERSON\nUNKNOWN_JOB NEVER\nOK\n", said);
        }
    }

    @Test
    public void a_spool_that_cannot_be_opened_is_told() throws Exception {
        try (World world = new World()) {
            File folder = world.folder().resolve("app").toFile();
            ReceiptException e = refused(Code.CANNOT_OPEN, ReceiptException.Retry.AFTER_PERSON,
                    () -> ReceiptPrinter.inProcess(folder).model("no-such-model").open());
            assertTrue(e.getMessage(), e.getMessage().contains("no-such-model"));
            refused(Code.CANNOT_OPEN, ReceiptException.Retry.AFTER_PERSON,
                    () -> World.get(ReceiptPrinter.inProcess(folder).configuration("[api]\nbus = \"none\"\n")
                            .openAsync()));
            try (ReceiptPrinter first = ReceiptPrinter.inProcess(folder).open()) {
                refused(Code.CANNOT_OPEN, ReceiptException.Retry.AFTER_PERSON,
                        () -> ReceiptPrinter.inProcess(folder).open());
                refused(Code.INVALID_ARGUMENT, ReceiptException.Retry.NEVER, () ->
                        first.attachUsb(-1, "/dev/bus/usb/001/002"));
                try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(new File(folder, "f"), "rw")) {
                    int fd = NativeBridge.fd(file.getFD());
                    refused(Code.INVALID_ARGUMENT, ReceiptException.Retry.NEVER, () ->
                            first.attachUsb(fd, "no printer"));
                }
            }
            ReceiptPrinter.inProcess(folder).open().close();
        }
    }
}
