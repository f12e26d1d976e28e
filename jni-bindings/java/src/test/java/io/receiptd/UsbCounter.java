package io.receiptd;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * A shop's counter with the daemon in its own process and a printer on USB that the app opens itself: what an Android app does,
 * without Android. It is run by hand or by the test of the virtual machine, on Linux, by whoever may open the device node.
 *
 * <pre>
 * UsbCounter FOLDER PORT print KEY FILE    hands the JSON document in, waits for the end of all its jobs
 * UsbCounter FOLDER PORT settle            waits for the end of all jobs that are there
 * </pre>
 * PORT is the folder of the port below /sys/bus/usb/devices, whether something is plugged in or not. Each line of its output is one
 * thing that happened.
 */
public final class UsbCounter {
    private UsbCounter() {
    }

    /** Runs it; see the class. */
    public static void main(String[] args) throws Exception {
        NativeLibrary.load();
        say("loaded");
        try (ReceiptPrinter printer = ReceiptPrinter.inProcess(new File(args[0]))
                .configuration("[[printer]]\nname = \"printer\"\nconnect = \"usb\"\nevidence = \"A+\"\n")
                .open()) {
            say("opened");
            List<Long> jobs = new ArrayList<>();
            printer.forEachJob(JobFilter.builder().build(), job -> {
                say("found " + job.getId() + " " + job.getKey() + " " + job.getState().getWord());
                jobs.add(job.getId());
                return true;
            });
            Thread manager = new Thread(() -> lookAfter(printer, new File(args[1])), "usb-manager");
            manager.setDaemon(true);
            manager.start();
            if (args[2].equals("print")) {
                String json = new String(Files.readAllBytes(new File(args[4]).toPath()), StandardCharsets.UTF_8);
                Submitted submitted = printer.submit(SubmitRequest.builder(args[3]).json(json).build());
                for (CopyJob job : submitted.getJobs()) {
                    say("accepted " + job.getId());
                    jobs.add(job.getId());
                }
            }
            for (long id : jobs) {
                Job job = printer.whenDone(id).get();
                say("ended " + id + " " + job.getState().getWord() + " " + job.getGrade() + " attempts "
                        + job.getAttempts());
            }
            manager.interrupt();
            manager.join();
        }
        say("closed");
    }

    /** What Android's UsbManager tells by broadcasts: attached and detached. */
    private static void lookAfter(ReceiptPrinter printer, File port) {
        String there = "";
        RandomAccessFile node = null;
        UsbAttachment attachment = null;
        while (true) {
            String now = node(port);
            try {
                if (!now.equals(there)) {
                    if (attachment != null) {
                        attachment.close();
                        node.close();
                        attachment = null;
                        say("detached " + there);
                    }
                    there = "";
                    // To open what is not there yet would make a file of it.
                    if (new File(now).exists()) {
                        node = new RandomAccessFile(now, "rw");
                        attachment = printer.attachUsb(NativeBridge.fd(node.getFD()), now);
                        say("attached " + now);
                        there = now;
                    }
                }
            } catch (IOException | ReceiptException e) {
                // Seen for a moment after plugging in, until udev is through with it: it is tried again.
                say("failed " + e);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                say("done with " + there);
                return;
            }
        }
    }

    private static String node(File port) {
        try {
            int bus = Integer.parseInt(first(new File(port, "busnum")));
            int device = Integer.parseInt(first(new File(port, "devnum")));
            return String.format("/dev/bus/usb/%03d/%03d", bus, device);
        } catch (IOException | NumberFormatException e) {
            return "";
        }
    }

    private static String first(File file) throws IOException {
        return new String(Files.readAllBytes(file.toPath()), StandardCharsets.US_ASCII).trim();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
