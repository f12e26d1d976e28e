package io.receiptd;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks the program {@code receiptd-press} for a receipt as text, HTML, PNG or PDF: fonts, and what reads a printer's
 * bytes again, are too large for the native library.
 *
 * <p>One question to a process, and one process at a time, since each of them reads fonts. What is asked and answered is
 * told in {@code daemon/press/src/request.rs}.
 */
final class Press {
    /** Version of the form of questions and answers. */
    static final int VERSION = 2;

    /** How long it may take, in ms: as {@code receiptctl} has it. */
    static final long TIME_MS = 30_000;

    /** Names the program where it is elsewhere; so does the environment variable that {@code receiptctl} knows. */
    static final String PROPERTY = "io.receiptd.press";

    /** Where a future's press runs. */
    static final Executor QUEUE = new Serial(Threads.POOL);

    private static final String VARIABLE = "RECEIPTD_PRESS";
    private static final String PROGRAM = "receiptd-press";
    /** Android unpacks nothing of an app but libraries, so there it is called as one. */
    private static final String PROGRAM_OF_APP = "libreceiptd_press.so";
    private static final List<String> INSTALLED = Arrays.asList("/usr/libexec/receiptd", "/usr/local/libexec/receiptd");
    /** Bytes that it may answer: 20 m of the widest paper as a picture have 35 MB before they are packed. */
    private static final int ANSWER_BYTES_MAX = 64 << 20;
    /** Bytes of what it says when it fails. */
    private static final int WORDS_BYTES_MAX = 4096;
    private static final int PART_BYTES = 16 * 1024;
    private static final Object ONE = new Object();

    private Press() {}

    /** Makes it; blocks until it is made, at most {@code timeMs} after those that are made before. */
    static RenderedReceipt press(StoredReceipt receipt, ReceiptForm form, long timeMs) throws ReceiptException {
        synchronized (ONE) {
            File program = find();
            Process process;
            try {
                process = new ProcessBuilder(program.getPath()).start();
            } catch (IOException e) {
                throw ReceiptException.cannotShow(String.valueOf(e.getMessage()));
            }
            AtomicBoolean late = new AtomicBoolean();
            Runnable stopClock = Threads.later(timeMs, () -> {
                late.set(true);
                process.destroy();
            });
            try {
                return opened(form, talk(process, receipt, form));
            } catch (IOException e) {
                throw ReceiptException.cannotShow(PROGRAM + ": "
                        + (late.get() ? "no answer within " + timeMs + " ms" : e.getMessage()));
            } finally {
                stopClock.run();
                process.destroy();
            }
        }
    }

    /** It reads the whole question before it says a word, so one thread does for both. */
    private static byte[] talk(Process process, StoredReceipt receipt, ReceiptForm form) throws IOException {
        try (OutputStream out = process.getOutputStream()) {
            out.write(head(receipt, form).getBytes(StandardCharsets.UTF_8));
            out.write('\n');
            out.write(receipt.getBytes());
        } catch (IOException e) {
            // It ended early; its words and its status say why.
        }
        byte[] made = read(process.getInputStream(), ANSWER_BYTES_MAX);
        byte[] words = read(process.getErrorStream(), WORDS_BYTES_MAX);
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (status != 0) {
            throw new IOException("it ended with " + status + ": " + new String(words, StandardCharsets.UTF_8).trim());
        }
        return made;
    }

    /** The first line of a question; the bytes of the copy follow. */
    private static String head(StoredReceipt receipt, ReceiptForm form) {
        String time = new SimpleDateFormat("yyyy-MM-dd HH:mm:ss", Locale.ROOT).format(new Date(receipt.getAcceptedMs()));
        StringBuilder out = new StringBuilder("{\"version\":").append(VERSION);
        quote(out.append(",\"format\":"), form.getWord());
        out.append(",\"profile\":").append(receipt.getProfile());
        quote(out.append(",\"title\":"), receipt.getTitle());
        quote(out.append(",\"job\":"), String.valueOf(receipt.getId()));
        quote(out.append(",\"time\":"), time);
        out.append(",\"drawn\":[");
        String comma = "";
        for (DrawnLine line : receipt.getDrawn()) {
            out.append(comma).append("{\"offset\":").append(line.getOffset()).append(",\"rows\":").append(line.getRows());
            quote(out.append(",\"text\":"), line.getText());
            out.append('}');
            comma = ",";
        }
        return out.append("]}").toString();
    }

    /** What came from the daemon is Unicode; what JSON wants escaped is escaped. */
    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u00").append(c < 0x10 ? '0' : '1').append(Character.forDigit(c & 0xf, 16));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** The first line of an answer says how long the paper is, in 1/8 mm; what was made follows. */
    private static RenderedReceipt opened(ReceiptForm form, byte[] answer) throws IOException {
        int end = 0;
        while (end < answer.length && answer[end] != '\n') {
            end++;
        }
        String about = new String(answer, 0, end, StandardCharsets.UTF_8);
        String digits = about.replaceAll("^\\{\"length_dots\":([0-9]{1,9})\\}$", "$1");
        if (end == answer.length || digits.equals(about)) {
            throw new IOException("what it answers is no receipt");
        }
        int dots = Integer.parseInt(digits);
        return new RenderedReceipt(form, (dots + 7) / 8, Arrays.copyOfRange(answer, end + 1, answer.length));
    }

    private static byte[] read(InputStream in, int max) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = new byte[PART_BYTES];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
            if (out.size() + n > max) {
                throw new IOException("it says more than " + max + " bytes");
            }
            out.write(part, 0, n);
        }
        return out.toByteArray();
    }

    /** What is named; else beside the native library, or where packages install it. */
    private static File find() throws ReceiptException {
        String named = System.getProperty(PROPERTY);
        if (named == null || named.isEmpty()) {
            named = System.getenv(VARIABLE);
        }
        if (named != null && !named.isEmpty()) {
            return new File(named);
        }
        List<File> places = new ArrayList<>();
        File beside = NativeLibrary.folder();
        if (beside != null) {
            places.add(new File(beside, PROGRAM));
            places.add(new File(beside, PROGRAM_OF_APP));
        }
        for (String folder : INSTALLED) {
            places.add(new File(folder, PROGRAM));
        }
        for (File place : places) {
            if (place.canExecute()) {
                return place;
            }
        }
        throw ReceiptException.cannotShow(PROGRAM + " is not there: it is none of " + places);
    }
}
