package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.fail;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The daemon as a process, with a virtual printer beside it, in a folder of its own: as {@code Shop} in
 * {@code tests/system} is for Rust. The programs are in the folder that the environment variable RECEIPTD_BIN names.
 */
public final class World implements Closeable {
    /** The longest that anything may take; a loaded machine is no failure. */
    public static final long PATIENCE_S = 60;

    private final Path folder;
    private final List<Process> printers = new ArrayList<>();
    private final List<String> sections = new ArrayList<>();
    private String bus;
    private Path disk;
    private Process daemon;

    /** An empty world: nothing runs. */
    public World() throws IOException {
        folder = Files.createTempDirectory("receiptd-java-");
    }

    /** A quick printer, and the daemon. */
    public static World ready() throws IOException {
        World world = new World();
        world.printer("till", "--speed", "500");
        world.start();
        return world;
    }

    /** Starts a printer and puts it into the configuration; gives its address. */
    public String printer(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(program("virtual-printer"), "--listen", "127.0.0.1:0",
                "--control",
                folder.resolve(name + ".ctl").toString(), "--out", folder.resolve(name).toString()));
        command.addAll(Arrays.asList(arguments));
        Process printer = new ProcessBuilder(command).redirectError(log().toFile()).start();
        printers.add(printer);
        String line = firstLine(printer);
        assertEquals(line, "listening ", line.substring(0, Math.min(10, line.length())));
        String address = line.substring(10).trim();
        section("[[printer]]\nname = \"" + name + "\"\nconnect = \"tcp:" + address + "\"\n");
        return address;
    }

    /** What stands in the configuration, as it is; it counts from the next start on. */
    public World section(String toml) {
        sections.add(toml);
        return this;
    }

    /** The daemon is on this bus too, from its next start on. */
    public World onBus(String address) {
        bus = address;
        return this;
    }

    /** Puts the spool onto a disk of its own of so many bytes; needs root. Before the first start. */
    public void smallDisk(long bytes) throws IOException {
        Path spool = Files.createDirectory(folder.resolve("spool"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=" + bytes + ",mode=700", "tmpfs",
                spool.toString()).inheritIO().start();
        await(mount);
        assertEquals(0, mount.exitValue());
        disk = spool;
    }

    /** Starts the daemon and returns when it answers. */
    public void start() throws IOException {
        String config = "[api]\nsocket = \"" + socket() + "\"\nbus = \"" + (bus == null ? "none" : "session")
                + "\"\nsocket-mode = \"0666\"\n[spool]\ndirectory = \""
                + folder.resolve("spool") + "\"\n" + String.join("", sections);
        Files.write(folder.resolve("receiptd.toml"), config.getBytes(StandardCharsets.UTF_8));
        ProcessBuilder command = new ProcessBuilder(program("receiptd"), "--config", folder.resolve("receiptd.toml")
                .toString());
        command.environment().put("TZ", "UTC");
        if (bus != null) {
            command.environment().put("DBUS_SESSION_BUS_ADDRESS", bus);
        }
        command.redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
        daemon = command.start();
        String line = firstLine(daemon);
        if (!line.trim().equals("ready")) {
            throw new IOException("the daemon did not start: " + line + "\n" + readLog());
        }
    }

    /** Ends the daemon as a crash does. */
    public void kill() {
        daemon.destroyForcibly();
        await(daemon);
    }

    /** Ends the daemon as a service manager does. */
    public void stop() {
        daemon.destroy();
        await(daemon);
    }

    public ProcessHandle daemon() {
        return daemon.toHandle();
    }

    public String socket() {
        return folder.resolve("api.sock").toString();
    }

    public Path folder() {
        return folder;
    }

    /** A printer of this world's daemon, to be built. */
    public ReceiptPrinter.Builder builder() {
        return ReceiptPrinter.builder().socket(socket());
    }

    public ReceiptPrinter open() {
        return builder().build();
    }

    /** A command for a printer; what it answers. */
    public Map<String, Object> ctl(String printer, String... words) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(program("virtual-printer"), "ctl",
                folder.resolve(printer + ".ctl").toString()));
        command.addAll(Arrays.asList(words));
        Process ctl = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        String answer = new String(ctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        await(ctl);
        assertEquals(String.join(" ", words) + ": " + answer, 0, ctl.exitValue());
        return Json.object(Json.read(answer));
    }

    /** What is on the paper, once the printer has nothing to do. */
    public String paper(String printer) throws IOException {
        ctl(printer, "wait", "idle=true", "timeout_ms=" + PATIENCE_S * 1000);
        return (String) ctl(printer, "text").get("text");
    }

    /** The value of a future that comes in time, or its {@link ReceiptException}. */
    public static <T> T get(CompletableFuture<T> future) throws ReceiptException {
        try {
            return future.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ReceiptException) {
                throw (ReceiptException) e.getCause();
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("it did not come in time", e);
        }
    }

    /** Another JVM with the same classes and library. */
    public static ProcessBuilder jvm(List<String> before, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(Arrays.asList(System.getProperty("java.home") + "/bin/java", "-Xcheck:jni",
                "-Djava.util.logging.config.file=" + System.getProperty("java.util.logging.config.file", ""),
                "-Dio.receiptd.library=" + System.getProperty("io.receiptd.library"), "-cp",
                System.getProperty("java.class.path"), main.getName()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** The program in RECEIPTD_BIN. */
    public static String program(String name) {
        String bin = System.getenv("RECEIPTD_BIN");
        if (bin == null) {
            throw new IllegalStateException("RECEIPTD_BIN names no folder with receiptd and virtual-printer; run jni-bindings/"
                    + "java-test");
        }
        File program = new File(bin, name);
        if (!program.canExecute()) {
            throw new IllegalStateException(program + " is not there; build it first: cargo build --workspace");
        }
        return program.getPath();
    }

    static void await(Process process) {
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail("a process did not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The first line that a process says; it may say more, which nobody reads and nothing waits for. */
    static String firstLine(Process process) throws IOException {
        InputStream out = process.getInputStream();
        String line = new BufferedReader(new InputStreamReader(out, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
    }

    private Path log() {
        return folder.resolve("daemon.log");
    }

    private String readLog() throws IOException {
        return Files.exists(log()) ? new String(Files.readAllBytes(log()), StandardCharsets.UTF_8) : "";
    }

    @Override
    public void close() throws IOException {
        if (daemon != null) {
            daemon.destroyForcibly();
            await(daemon);
        }
        for (Process printer : printers) {
            printer.destroyForcibly();
            await(printer);
        }
        if (disk != null) {
            await(new ProcessBuilder("umount", disk.toString()).inheritIO().start());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
                Files.deleteIfExists(file);
            }
        }
    }
}
