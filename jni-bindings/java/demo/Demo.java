import io.receiptd.PrinterInfo;
import io.receiptd.PrinterListener;
import io.receiptd.PrinterState;
import io.receiptd.ReceiptPrinter;
import io.receiptd.Subscription;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code make demo-java}: the coffee shop against the daemon and the virtual printer, killed in the middle and started
 * again. It ends with 1 if a receipt was lost, came out twice, or the shop did not know what became of it.
 */
public final class Demo {
    /** The longest that anything may take. */
    private static final long PATIENCE_S = 90;

    private final String bin;
    private final Path out;
    private final Path folder;
    private final PrintStream say;
    private final List<Process> processes = new ArrayList<>();
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private Process shop;

    private Demo(String bin, Path out, PrintStream say) throws IOException {
        this.bin = bin;
        this.out = out;
        this.say = say;
        folder = Files.createTempDirectory("receiptd-demo-");
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream say = new PrintStream(System.out, true, "UTF-8");
        Demo demo = new Demo(arguments[0], Paths.get(arguments[1]).toAbsolutePath(), say);
        boolean fine;
        try {
            fine = demo.run();
        } catch (IOException | IllegalStateException e) {
            say.println("demo: " + e.getMessage());
            fine = false;
        } finally {
            demo.end();
        }
        System.exit(fine ? 0 : 1);
    }

    private boolean run() throws Exception {
        heading("A virtual printer and the daemon on a private socket", "虚拟打印机与守护进程，私有套接字");
        if (Files.exists(out)) {
            delete(out);
        }
        Files.createDirectories(out);
        Process printer = start(new ProcessBuilder(bin + "/virtual-printer", "--listen", "127.0.0.1:0", "--model",
                "epson-tm-t88vi", "--speed", "80", "--control", folder.resolve("printer.ctl").toString(), "--out",
                        out.toString()));
        String address = firstLine(printer).replace("listening ", "").trim();
        Path config = folder.resolve("receiptd.toml");
        Files.write(config, Arrays.asList("[api]", "socket = \"" + socket() + "\"", "bus = \"none\"", "[spool]",
                "directory = \"" + folder.resolve("spool") + "\"", "[[printer]]", "name = \"counter\"",
                "connect = \"tcp:" + address + "\""));
        Process daemon = start(new ProcessBuilder(bin + "/receiptd", "--config", config.toString())
                .redirectError(out.resolve("daemon.log").toFile()));
        if (!firstLine(daemon).trim().equals("ready")) {
            throw new IllegalStateException("the daemon did not start; see " + out.resolve("daemon.log"));
        }
        say.println("printer: an Epson TM-T88VI class at " + address + ", slowed down to 80 mm/s");

        ready();
        heading("The shop opens and sells three coffees", "开店，卖三杯咖啡");
        openShop();
        order("latte");
        order("flat-white");
        order("americano");

        heading("kill -9 of the app while a slip is half out and the next sale is paid, but its answer has not come",
                "小票打到一半、下一笔已收款而受理结果未到时，强杀应用");
        control("wait", "lines=20", "timeout_ms=60000");
        tell("latte");
        until("please");
        // The daemon stands still, so that the answer can't come: the worst moment for an app.
        signal(daemon, "STOP");
        tell("paid");
        until("charged");
        shop.destroyForcibly();
        await(shop);
        say.println("SIGKILL: the app is gone, without knowing what became of its receipts");
        signal(daemon, "CONT");

        heading("The app is started again: what became of earlier receipts", "应用重启：先前的小票怎样了");
        openShop();
        until("on paper: bluedoor-till1-0004");

        heading("The paper runs out: asked before the charge, the receipt on the screen, printed later",
                "缺纸：收款前询问，小票上屏，装纸后补打");
        control("paper_end");
        control("wait", "online=false", "timeout_ms=60000");
        order("flat-white");
        say.println("a new roll is put in · 装上新纸卷");
        control("load_paper", "2000");
        until("on paper: bluedoor-till1-0005");
        tell("close");
        until("closed");
        await(shop);

        heading("What is on the paper, against what the shop sold", "纸上内容与销售记录核对");
        control("wait", "idle=true", "timeout_ms=60000");
        control("save");
        signal(daemon, "TERM");
        await(daemon);
        return judge();
    }

    private boolean judge() throws IOException {
        String paper = read(out.resolve("paper.txt"));
        String ledger = read(folder.resolve("ledger"));
        List<String> broken = new ArrayList<>();
        int sales = 0;
        for (String line : ledger.split("\n")) {
            if (!line.startsWith("sale\t")) {
                continue;
            }
            sales++;
            String key = line.split("\t")[1];
            // Its number stands on a line of its own; in the QR code it stands once more.
            int times = 0;
            for (String printed : paper.split("\n")) {
                times += printed.contains("单号") && printed.contains(key) ? 1 : 0;
            }
            String end = ledger.contains("end\t" + key + "\t") ? ledger.split("end\t" + key + "\t")[1].split("\n")[0]
                    : "?";
            say.printf("  %s: %d time%s on paper; the shop's record says: %s%n", key, times, times == 1 ? "" : "s",
                    end);
            if (times == 0) {
                broken.add(key + " was paid and did not come out");
            }
            if (times > 1) {
                broken.add(key + " came out twice");
            }
            if (!end.equals("printed") && !end.equals("sent")) {
                broken.add("the shop does not know what became of " + key);
            }
        }
        if (sales != 5) {
            broken.add("five coffees were sold, and the record has " + sales);
        }
        say.println();
        for (String promise : broken) {
            say.println("BROKEN: " + promise);
        }
        if (broken.isEmpty()) {
            say.println("every coffee that was paid has its receipt, none came out twice, and the shop knows it");
            say.println("每杯已付款的咖啡都有一张小票，没有重复，店里也都知道结果");
        }
        say.println("the paper: " + out.resolve("paper.png") + " (and paper.txt, log.jsonl, daemon.log beside it)");
        return broken.isEmpty();
    }

    /** Returns once the daemon has found the printer. */
    private void ready() throws Exception {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        try (ReceiptPrinter printer = ReceiptPrinter.builder().socket(socket()).build();
                Subscription watch = printer.watchPrinters(new PrinterListener() {
                    @Override
                    public void onPrinterChanged(PrinterInfo info) {
                        if (info.getState() == PrinterState.READY) {
                            ready.complete(null);
                        }
                    }
                })) {
            watch.whenReady().get(PATIENCE_S, TimeUnit.SECONDS);
            if (printer.getPrinter("counter").getState() == PrinterState.READY) {
                ready.complete(null);
            }
            ready.get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    private void openShop() throws IOException {
        ProcessBuilder command = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "-Dfile.encoding=UTF-8",
                "-Dio.receiptd.library=" + bin + "/libreceiptd_jni.so", "-cp", System.getProperty("java.class.path"),
                "CoffeeShop", socket(), folder.resolve("ledger").toString());
        shop = start(command.redirectError(ProcessBuilder.Redirect.INHERIT));
        Process now = shop;
        Thread reader = new Thread(() -> {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(now.getInputStream(),
                    StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    said.add(line);
                }
            } catch (IOException e) {
                said.add("the app ended: " + e.getMessage());
            }
        });
        reader.setDaemon(true);
        reader.start();
        until("open");
    }

    private void order(String coffee) throws IOException {
        tell(coffee);
        until("please");
        tell("paid");
        until("handed in");
    }

    private void tell(String line) throws IOException {
        shop.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        shop.getOutputStream().flush();
    }

    /** Shows what the app says up to a line with these words. */
    private void until(String words) throws IOException {
        try {
            while (true) {
                String line = said.poll(PATIENCE_S, TimeUnit.SECONDS);
                if (line == null) {
                    throw new IOException("the app never said: " + words);
                }
                say.println(line);
                if (line.contains(words)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void control(String... words) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(bin + "/virtual-printer", "ctl",
                folder.resolve("printer.ctl").toString()));
        command.addAll(Arrays.asList(words));
        Process ctl = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String answer = firstLine(ctl);
        await(ctl);
        if (ctl.exitValue() != 0) {
            throw new IOException(String.join(" ", words) + ": " + answer);
        }
    }

    private static void signal(Process process, String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start();
        await(kill);
    }

    private Process start(ProcessBuilder command) throws IOException {
        Process process = command.start();
        processes.add(process);
        return process;
    }

    private static void await(Process process) throws IOException {
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                throw new IOException("a process did not end");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String firstLine(Process process) throws IOException {
        String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
        return line == null ? "" : line;
    }

    private String socket() {
        return folder.resolve("api.sock").toString();
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private void heading(String en, String zh) {
        say.println();
        say.println("== " + en + " · " + zh);
    }

    private void end() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly();
            await(process);
        }
        delete(folder);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (File file : files.sorted(Comparator.reverseOrder()).map(Path::toFile).collect(Collectors.toList())) {
                if (!file.delete()) {
                    throw new IOException(file + " can't be deleted");
                }
            }
        }
    }
}
