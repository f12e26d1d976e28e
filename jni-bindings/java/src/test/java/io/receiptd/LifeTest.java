package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.os.Looper;
import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** From build to close, and what lies beyond. */
public class LifeTest {
    private static final JobFilter ALL = JobFilter.builder().build();

    @Test
    public void after_close_every_method_says_so() throws Exception {
        try (World world = World.ready()) {
            ReceiptPrinter printer = world.open();
            printer.close();
            printer.close();
            assertTrue(printer.isClosed());
            SubmitRequest request = SubmitRequest.builder("k").text("x").build();
            int tried = 0;
            for (Method method : ReceiptPrinter.class.getMethods()) {
                if (method.getDeclaringClass() != ReceiptPrinter.class || Modifier.isStatic(method.getModifiers())
                        || Arrays.asList("close", "isClosed", "toString").contains(method.getName())) {
                    continue;
                }
                List<Object> arguments = new ArrayList<>();
                for (Class<?> type : method.getParameterTypes()) {
                    arguments.add(type == long.class ? (Object) 1L : type == int.class ? (Object) 1
                            : type == String.class ? "" : type == Outcome.class ? Outcome.PRINTED
                            : type == ReceiptForm.class ? ReceiptForm.TEXT
                            : type == SubmitRequest.class ? request : type == JobFilter.class ? ALL
                            : type == JobListener.class ? new JobListener() { }
                            : type == PrinterListener.class ? new PrinterListener() { }
                            : type == java.util.function.Predicate.class ? (java.util.function.Predicate<Job>) j -> true
                            : (java.util.concurrent.Executor) Runnable::run);
                }
                Throwable thrown = assertThrows(method.toString(), java.lang.reflect.InvocationTargetException.class,
                        () -> method.invoke(printer, arguments.toArray())).getCause();
                assertEquals(method + ": " + thrown, IllegalStateException.class, thrown.getClass());
                assertEquals("the printer is closed", thrown.getMessage());
                tried++;
            }
            assertTrue("only " + tried, tried > 35);
        }
    }

    @Test
    public void the_main_thread_is_not_blocked_and_told_what_to_call() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open();
                ReceiptPrinter allowed = world.builder().allowMainThread(true).build()) {
            SubmitRequest request = SubmitRequest.builder("k").text("x").build();
            Looper.beMain();
            try {
                for (ThrowingRunnable call : new ThrowingRunnable[] {() -> printer.submit(request),
                    () -> printer.print(request), () -> printer.getJob(1), () -> printer.getReceipt(1),
                    () -> printer.renderReceipt(1, ReceiptForm.TEXT),
                    () -> printer.findJobs("k"), () -> printer.listJobs(ALL), () -> printer.forEachJob(ALL, j -> true),
                    () -> printer.cancel(1, ""), () -> printer.hold(1, ""), () -> printer.release(1),
                    () -> printer.reprint(1, "", "r"), () -> printer.resolve(1, Outcome.PRINTED, ""),
                    () -> printer.canPrint(1), () -> printer.canPrint("", 1), () -> printer.listPrinters(),
                    () -> printer.getPrinter("till"), () -> printer.probe("till"), () -> printer.getSpooler()}) {
                    IllegalStateException e = assertThrows(IllegalStateException.class, call);
                    assertTrue(e.getMessage(), e.getMessage().matches("\\w+ blocks .*main thread; call \\w+Async, .*"));
                }
                assertThrows(IllegalStateException.class, () -> ReceiptPrinter.inProcess(new File("/nowhere")).open());
                // Futures, and who insists.
                assertTrue(World.get(printer.printAsync(request)).get(0).hasEnded());
                assertEquals(1, allowed.findJobs("k").size());
            } finally {
                Looper.beNobody();
            }
            assertEquals(1, printer.findJobs("k").size());
        }
    }

    @Test
    public void a_thread_of_little_stack_may_call_too() throws Exception {
        try (World world = World.ready(); ReceiptPrinter printer = world.open()) {
            // Who calls carries the whole call out itself, connecting and reading included.
            for (int kib : new int[] {192, 256, 512}) {
                CompletableFuture<Integer> printers = new CompletableFuture<>();
                Thread little = new Thread(null, () -> {
                    try {
                        printer.submit(SubmitRequest.builder("stack-" + kib).text("coffee").build());
                        printer.getSpooler();
                        printers.complete(printer.listPrinters().size());
                    } catch (ReceiptException | RuntimeException e) {
                        printers.completeExceptionally(e);
                    }
                }, "little", kib * 1024L);
                little.start();
                assertEquals(1, (int) World.get(printers));
                little.join();
            }
        }
    }

    @Test
    public void ten_thousand_printers_are_opened_used_and_closed() throws Exception {
        try (World world = World.ready()) {
            List<ReceiptPrinter> printers = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                printers.add(world.open());
            }
            // None of them has a connection before its first call, nor a thread.
            assertTrue(Thread.getAllStackTraces().size() < 50);
            for (int i = 0; i < printers.size(); i += 500) {
                assertEquals(1, printers.get(i).listPrinters().size());
            }
            for (ReceiptPrinter printer : printers) {
                printer.close();
            }
            try (ReceiptPrinter one = world.open()) {
                assertEquals(1, one.listPrinters().size());
            }
        }
    }

    @Test
    public void one_after_another_ten_thousand_times_nothing_stays_behind() throws Exception {
        try (World world = World.ready()) {
            int before = 0;
            for (int i = 0; i < 10_000; i++) {
                try (ReceiptPrinter printer = world.open()) {
                    if (i % 50 == 0) {
                        assertTrue(printer.findJobs("k").isEmpty());
                    }
                }
                if (i == 1_000) {
                    before = descriptors();
                }
            }
            int after = descriptors();
            assertTrue(before + " descriptors became " + after, after <= before + 8);
        }
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    public void a_printer_is_built_before_the_daemon_runs() throws Exception {
        try (World world = new World()) {
            world.printer("till", "--speed", "500");
            try (ReceiptPrinter printer = world.open()) {
                CompletableFuture<List<Job>> printed =
                        printer.printAsync(SubmitRequest.builder("k").text("early").build());
                CompletableFuture<Void> lost = new CompletableFuture<>();
                Subscription watch = printer.watch(ALL, new JobListener() {
                    @Override
                    public void onConnectionLost(String why) {
                        lost.complete(null);
                    }
                });
                World.get(lost);
                assertFalse(watch.whenReady().isDone());
                world.start();
                World.get(watch.whenReady());
                assertTrue(World.get(printed).get(0).hasEnded());
                assertTrue(world.paper("till").contains("early"));
            }
        }
    }

    @Test
    public void close_ends_every_future_before_it_returns() throws Exception {
        try (World world = World.ready()) {
            world.stop();
            world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
            world.start();
            ReceiptPrinter printer = world.open();
            long id = printer.submit(SubmitRequest.builder("k").printer("off").text("x").build()).getJobIds().get(0);
            List<CompletableFuture<?>> futures = new ArrayList<>();
            futures.add(printer.whenDone(id));
            futures.add(printer.printAsync(SubmitRequest.builder("l").printer("off").text("x").build()));
            // The daemon stands still, so that these wait for it.
            signal(world, "STOP");
            try {
                for (int i = 0; i < 100; i++) {
                    futures.add(printer.getJobAsync(id));
                }
                futures.add(printer.watchPrinters(new PrinterListener() { }).whenReady());
                CompletableFuture<Object> blocked = new CompletableFuture<>();
                Thread thread = new Thread(() -> {
                    try {
                        blocked.complete(printer.getJob(id));
                    } catch (ReceiptException | IllegalStateException e) {
                        blocked.completeExceptionally(e);
                    }
                });
                thread.start();
                while (thread.getState() != Thread.State.RUNNABLE || thread.getStackTrace().length == 0
                        || !thread.getStackTrace()[0].isNativeMethod()) {
                    Thread.onSpinWait();
                }
                printer.close();
                for (CompletableFuture<?> future : futures) {
                    assertTrue(future.isCompletedExceptionally());
                    assertEquals(ReceiptException.Code.CLOSED,
                            assertThrows(ReceiptException.class, () -> World.get(future)).getCode());
                }
                thread.join(TimeUnit.SECONDS.toMillis(World.PATIENCE_S));
                assertTrue(blocked.isCompletedExceptionally());
            } finally {
                signal(world, "CONT");
            }
        }
    }

    private static void signal(World world, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(world.daemon().pid())).inheritIO().start();
        World.await(kill);
        assertEquals(0, kill.exitValue());
    }

    /** In a JVM of its own: opens, listens, waits, hangs in a callback, and forgets all of it. */
    public static final class Forgetful {
        private Forgetful() {}

        public static void main(String[] arguments) throws Exception {
            ReceiptPrinter printer = ReceiptPrinter.builder().socket(arguments[0]).build();
            long id = printer.submit(SubmitRequest.builder("forgotten").text("x").hold(true).build()).getJobIds()
                    .get(0);
            printer.whenDone(id);
            World.get(printer.watch(ALL, new JobListener() { }).whenReady());
            printer.watchPrinters(new PrinterListener() { });
            ReceiptPrinter.inProcess(new File(arguments[1])).open().listPrinters();
            CountDownLatch stuck = new CountDownLatch(1);
            // A listener: a future that is complete already would call back in this thread.
            World.get(printer.watch(ALL, new JobListener() {
                @Override
                public void onJobChanged(Job job) {
                    stuck.countDown();
                    while (true) {
                        LockSupport.park();
                    }
                }
            }).whenReady());
            printer.submit(SubmitRequest.builder("told").text("x").hold(true).build());
            stuck.await();
            System.out.println("end of main");
        }
    }

    @Test
    public void an_abandoned_printer_does_not_keep_the_jvm_alive() throws Exception {
        try (World world = World.ready()) {
            Process jvm = World.jvm(Collections.emptyList(), Forgetful.class, world.socket(),
                    world.folder().resolve("app").toString()).start();
            assertEquals("end of main", World.firstLine(jvm));
            World.await(jvm);
            assertEquals(0, jvm.exitValue());
        }
    }

    /** In a JVM of its own, with a library that is none. */
    public static final class Misfit {
        private Misfit() {}

        public static void main(String[] arguments) {
            for (int i = 0; i < 2; i++) {
                try {
                    ReceiptPrinter.builder().build();
                    System.out.println("built");
                } catch (UnsatisfiedLinkError e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    @Test
    public void a_library_that_cannot_be_loaded_is_told_with_what_to_do() throws Exception {
        try (World world = new World()) {
            File file = world.folder().resolve("libreceiptd_jni.so").toFile();
            Files.write(file.toPath(), new byte[] {1, 2, 3});
            ProcessBuilder command = World.jvm(Collections.emptyList(), Misfit.class);
            command.command().replaceAll(word -> word.startsWith("-Dio.receiptd.library=")
                    ? "-Dio.receiptd.library=" + file : word);
            Process jvm = command.start();
            String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            World.await(jvm);
            String[] lines = said.split("\n");
            assertEquals(said, 2, lines.length);
            assertEquals(lines[0], lines[1]);
            assertTrue(said, lines[0].contains("receiptd_jni") && lines[0].contains(Version.CLASSES)
                    && lines[0].contains("-Dio.receiptd.library=FILE"));
        }
    }

    /** In a JVM of its own: which library it has. */
    public static final class FromJar {
        private FromJar() {}

        public static void main(String[] arguments) {
            System.out.println(ReceiptPrinter.getLibraryVersion());
        }
    }

    @Test
    public void the_library_in_the_jar_is_found_and_leaves_no_file_behind() throws Exception {
        try (World world = new World()) {
            Path jar = world.folder().resolve("jar");
            Path temporary = Files.createDirectory(world.folder().resolve("tmp"));
            Path library = jar.resolve("io/receiptd/native/" + NativeLibrary.platform() + "/libreceiptd_jni.so");
            Files.createDirectories(library.getParent());
            Files.createSymbolicLink(library, Path.of(System.getProperty("io.receiptd.library")));
            ProcessBuilder command = World.jvm(Collections.emptyList(), FromJar.class);
            command.command().replaceAll(word -> word.startsWith("-Dio.receiptd.library=")
                    ? "-Djava.io.tmpdir=" + temporary : word.equals(System.getProperty("java.class.path"))
                    ? word + File.pathSeparator + jar : word);
            Process jvm = command.start();
            String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            World.await(jvm);
            assertEquals(ReceiptPrinter.getLibraryVersion() + "\n", said);
            assertEquals(0, temporary.toFile().list().length);
        }
    }
}
