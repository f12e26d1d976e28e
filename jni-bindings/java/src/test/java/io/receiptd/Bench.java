package io.receiptd;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * The Java side of {@code make bench}: does what a line of its input says, and answers with a line of nanoseconds, one for each time.
 *
 * <pre>
 * load           once: from nothing to a loaded library
 * find TIMES     FindJobs for a key that nobody used: the shortest way to the daemon and back
 * submit TIMES   Submit of a text of 8 KB under a new key
 * </pre>
 */
public final class Bench {
    private Bench() {
    }

    /** Runs it; see the class. The argument is the daemon's socket. */
    public static void main(String[] args) throws Exception {
        long before = System.nanoTime();
        // As an app begins: the builder's way.
        NativeBridge.load();
        long load = System.nanoTime() - before;
        String document = text();
        int key = 0;
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ReceiptPrinter printer = ReceiptPrinter.builder().socket(args[0]).build()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                int times = words.length > 1 ? Integer.parseInt(words[1]) : 1;
                StringBuilder answer = new StringBuilder();
                for (int i = 0; i < times; i++) {
                    long begin = System.nanoTime();
                    long took;
                    switch (words[0]) {
                        case "load":
                            took = load;
                            break;
                        case "find":
                            printer.findJobs("nobody");
                            took = System.nanoTime() - begin;
                            break;
                        case "submit":
                            printer.submit(SubmitRequest.builder("java-" + key++).text(document).build());
                            took = System.nanoTime() - begin;
                            break;
                        default:
                            throw new IllegalArgumentException(line);
                    }
                    answer.append(took).append(' ');
                }
                System.out.println(answer);
            }
        }
    }

    /** The same as in the Rust side: lines of 32 characters. */
    private static String text() {
        StringBuilder text = new StringBuilder();
        for (int line = 0; text.length() < 8192 - 33; line++) {
            text.append(String.format("%-20s%12s%n", "Coffee " + line, "18.50"));
        }
        return text.toString();
    }
}
