package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** The daemon on a message bus. */
public class BusTest {
    /** In a JVM of its own, since the bus is named by the environment. */
    public static final class Client {
        private Client() {}

        public static void main(String[] arguments) throws Exception {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            try (ReceiptPrinter printer = ReceiptPrinter.builder().sessionBus().build()) {
                try {
                    printer.getSpooler();
                } catch (ReceiptException e) {
                    System.out.println(e.getCode() + " " + e.getRetry());
                }
                in.readLine();
                CompletableFuture<Job> told = new CompletableFuture<>();
                CompletableFuture<Void> lost = new CompletableFuture<>();
                CompletableFuture<Void> missed = new CompletableFuture<>();
                World.get(printer.watch(JobFilter.builder().key("k").build(), new JobListener() {
                    @Override
                    public void onJobChanged(Job job) {
                        if (job.hasEnded()) {
                            told.complete(job);
                        }
                    }

                    @Override
                    public void onConnectionLost(String why) {
                        lost.complete(null);
                    }

                    @Override
                    public void onMissed(String why) {
                        missed.complete(null);
                    }
                }).whenReady());
                printer.print(SubmitRequest.builder("k").text("over the bus 总线").build());
                System.out.println(World.get(told).getState().isOnPaper());
                long held = printer.submit(SubmitRequest.builder("held").text("x").hold(true).build()).getJobIds()
                        .get(0);
                CompletableFuture<Job> done = printer.whenDone(held);
                World.get(printer.getJobAsync(held));
                System.out.println("waiting");
                World.get(lost);
                System.out.println("lost");
                World.get(missed);
                printer.cancel(held, "");
                System.out.println(World.get(done).getState());
            }
        }
    }

    @Test
    public void it_is_found_there_and_waited_for_over_its_restart() throws Exception {
        ProcessBuilder bus = new ProcessBuilder("dbus-daemon", "--session", "--nofork", "--print-address=1");
        Process daemon = bus.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (World world = new World()) {
            String address = World.firstLine(daemon).trim();
            world.printer("till", "--speed", "500");
            ProcessBuilder command = World.jvm(Collections.emptyList(), Client.class);
            command.environment().put("DBUS_SESSION_BUS_ADDRESS", address);
            Process client = command.start();
            try (BufferedReader said = new BufferedReader(new InputStreamReader(client.getInputStream(),
                    StandardCharsets.UTF_8))) {
                assertEquals("NOT_RUNNING AFTER_PERSON", said.readLine());
                world.onBus(address);
                world.start();
                client.getOutputStream().write('\n');
                client.getOutputStream().flush();
                assertEquals("true", said.readLine());
                assertTrue(world.paper("till").contains("over the bus 总线"));
                assertEquals("waiting", said.readLine());
                world.kill();
                assertEquals("lost", said.readLine());
                world.start();
                assertEquals("CANCELED", said.readLine());
                World.await(client);
                assertEquals(0, client.exitValue());
            } finally {
                client.destroyForcibly();
            }
        } finally {
            daemon.destroyForcibly();
            World.await(daemon);
        }
    }

    /** In a JVM of its own, as {@link Client} is. */
    public static final class Denied {
        private Denied() {}

        public static void main(String[] arguments) throws Exception {
            try (ReceiptPrinter printer = ReceiptPrinter.builder().sessionBus().build()) {
                for (ThrowingRunnable call : new ThrowingRunnable[] {() -> printer.getSpooler(),
                    () -> printer.submit(SubmitRequest.builder("k").text("x").build()),
                    () -> World.get(printer.whenDone(1))}) {
                    ErrorsTest.refused(ReceiptException.Code.DENIED_BY_BUS, ReceiptException.Retry.AFTER_PERSON, call);
                }
            } catch (Throwable e) {
                System.out.println(e);
            }
            System.out.println("end");
        }
    }

    /** As the policy file of the package is for users who may not print. */
    private static final String POLICY = String.join("\n", "<!DOCTYPE busconfig PUBLIC",
            " \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"",
            " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">", "<busconfig>",
            "  <type>session</type>", "  <listen>unix:tmpdir=/tmp</listen>", "  <policy context=\"default\">",
            "    <allow send_destination=\"*\" eavesdrop=\"true\"/>", "    <allow eavesdrop=\"true\"/>",
            "    <allow own=\"*\"/>", "    <deny send_destination=\"io.receiptd\"/>", "  </policy>", "</busconfig>", "");

    @Test
    public void a_policy_that_lets_nobody_call_it_is_told() throws Exception {
        try (World world = new World()) {
            Path policy = world.folder().resolve("bus.conf");
            Files.write(policy, POLICY.getBytes(StandardCharsets.UTF_8));
            Process bus = new ProcessBuilder("dbus-daemon", "--config-file=" + policy, "--nofork", "--print-address=1")
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try {
                String address = World.firstLine(bus).trim();
                world.printer("till", "--speed", "500");
                world.onBus(address);
                world.start();
                ProcessBuilder command = World.jvm(Collections.emptyList(), Denied.class);
                command.environment().put("DBUS_SESSION_BUS_ADDRESS", address);
                Process client = command.start();
                String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                World.await(client);
                assertEquals("end\n", said);
            } finally {
                bus.destroyForcibly();
                World.await(bus);
            }
        }
    }
}
