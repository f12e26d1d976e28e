package io.receiptd.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.app.PendingIntent;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.hardware.usb.UsbDevice;
import android.hardware.usb.UsbDeviceConnection;
import android.hardware.usb.UsbManager;
import android.os.Build;
import io.receiptd.ReceiptException;
import io.receiptd.ReceiptPrinter;
import io.receiptd.Repo;
import java.io.File;
import java.nio.file.Files;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Printers that come, go, and are not permitted, with stand-ins for the framework that work. */
public class UsbPrinterHostTest {
    private static final UsbDevice PRINTER = new UsbDevice("/dev/bus/usb/001/002", 0x0483, 0x5743, 7);
    private static final UsbDevice STICK = new UsbDevice("/dev/bus/usb/001/003", 0x0781, 0x5567, 8);

    private final UsbManager usb = new UsbManager();
    private final Terminal terminal = new Terminal();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private UsbPrinterHost host;

    /** The app's context: one receiver, and the way to send to it. */
    private final class Terminal extends Context {
        volatile BroadcastReceiver receiver;
        volatile IntentFilter filter;
        volatile Integer flags;

        @Override
        public Object getSystemService(String name) {
            return name.equals(Context.USB_SERVICE) ? usb : null;
        }

        @Override
        public Context getApplicationContext() {
            return this;
        }

        @Override
        public String getPackageName() {
            return "com.example.shop";
        }

        @Override
        public File getNoBackupFilesDir() {
            return new File("/data/user/0/com.example.shop/no_backup");
        }

        @Override
        public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter) {
            this.filter = filter;
            this.receiver = receiver;
            return null;
        }

        @Override
        public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags) {
            this.flags = flags;
            return registerReceiver(receiver, filter);
        }

        @Override
        public void unregisterReceiver(BroadcastReceiver receiver) {
            assertEquals(this.receiver, receiver);
            this.receiver = null;
            events.add("unregistered");
        }

        void send(Intent intent) {
            if (receiver != null && filter.actions.contains(intent.getAction())) {
                receiver.onReceive(this, intent);
            }
        }
    }

    @Before
    public void plug() {
        Build.VERSION.SDK_INT = 24;
        usb.plugged.put(STICK.getDeviceName(), STICK);
        host = UsbPrinterHost.builder(terminal, (fd, device) -> {
            if (fd == 1000 + 0xdead) {
                throw ReceiptExceptions.invalid();
            }
            events.add("taken " + fd + " " + device);
            return () -> events.add("given up " + device);
        }).listener(Runnable::run, new UsbPrinterListener() {
            @Override
            public void onAttached(UsbDevice device) {
                events.add("attached " + device.getDeviceName());
            }

            @Override
            public void onDetached(UsbDevice device) {
                events.add("detached " + device.getDeviceName());
            }

            @Override
            public void onPermissionDenied(UsbDevice device) {
                events.add("denied " + device.getDeviceName());
            }

            @Override
            public void onFailed(UsbDevice device, Exception why) {
                events.add("failed " + why.getClass().getSimpleName());
            }
        }).vendorClass(0x1234, 0x5678).build();
    }

    @After
    public void end() {
        host.close();
    }

    private void next(String event) throws InterruptedException {
        assertEquals(event, events.poll(60, TimeUnit.SECONDS));
    }

    private void attach(UsbDevice device) {
        usb.plugged.put(device.getDeviceName(), device);
        terminal.send(new Intent(UsbManager.ACTION_USB_DEVICE_ATTACHED).put(UsbManager.EXTRA_DEVICE, device));
    }

    private void detach(UsbDevice device) {
        usb.plugged.remove(device.getDeviceName());
        usb.permitted.remove(device.getDeviceName());
        terminal.send(new Intent(UsbManager.ACTION_USB_DEVICE_DETACHED).put(UsbManager.EXTRA_DEVICE, device));
    }

    private PendingIntent asked() throws InterruptedException {
        PendingIntent asked = usb.asked.poll(60, TimeUnit.SECONDS);
        assertTrue("nobody was asked", asked != null);
        return asked;
    }

    private void answer(PendingIntent asked, UsbDevice device, boolean granted) {
        if (granted) {
            usb.permitted.add(device.getDeviceName());
        }
        terminal.send(new Intent(asked.intent.getAction()).put(UsbManager.EXTRA_DEVICE, device)
                .put(UsbManager.EXTRA_PERMISSION_GRANTED, granted));
    }

    @Test
    public void a_permitted_printer_is_taken_at_the_start_and_given_up_when_unplugged() throws Exception {
        usb.permitted.add(PRINTER.getDeviceName());
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.start();
        host.start();
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
        next("attached /dev/bus/usb/001/002");
        UsbDeviceConnection connection = usb.opened.take();
        assertFalse(connection.closed);
        detach(PRINTER);
        next("given up /dev/bus/usb/001/002");
        next("detached /dev/bus/usb/001/002");
        assertTrue(connection.closed);
        assertTrue("the stick is no printer", usb.opened.isEmpty() && usb.asked.isEmpty());
        assertNull("before Android 13 there is no such flag", terminal.flags);
    }

    @Test
    public void who_is_asked_and_permits_has_a_printer() throws Exception {
        Build.VERSION.SDK_INT = 34;
        host.start();
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.askAgain();
        PendingIntent asked = asked();
        assertEquals("mutable, as the system writes the answer into it", PendingIntent.FLAG_UPDATE_CURRENT | 1 << 25,
                asked.flags);
        assertEquals("to this app alone", "com.example.shop", asked.intent.getPackage());
        assertEquals("RECEIVER_NOT_EXPORTED", Integer.valueOf(4), terminal.flags);
        answer(asked, PRINTER, true);
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
        next("attached /dev/bus/usb/001/002");
    }

    @Test
    public void before_android_12_a_pending_intent_says_nothing_of_being_mutable() throws Exception {
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.start();
        assertEquals(PendingIntent.FLAG_UPDATE_CURRENT, asked().flags);
    }

    @Test
    public void who_does_not_permit_is_not_asked_again_and_again() throws Exception {
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.start();
        answer(asked(), PRINTER, false);
        next("denied /dev/bus/usb/001/002");
        attach(PRINTER);
        // Whatever was to be done is done when this is answered.
        UsbDevice other = new UsbDevice("/dev/bus/usb/001/009", 0x1234, 0x5678, 255);
        usb.permitted.add(other.getDeviceName());
        attach(other);
        next("taken " + (1000 + 0x5678) + " /dev/bus/usb/001/009");
        next("attached /dev/bus/usb/001/009");
        assertTrue(usb.asked.isEmpty());
        host.askAgain();
        answer(asked(), PRINTER, true);
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
        next("attached /dev/bus/usb/001/002");
    }

    @Test
    public void plugged_in_again_it_is_asked_again() throws Exception {
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.start();
        answer(asked(), PRINTER, false);
        next("denied /dev/bus/usb/001/002");
        detach(PRINTER);
        attach(PRINTER);
        answer(asked(), PRINTER, true);
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
    }

    @Test
    public void attached_twice_it_is_taken_once() throws Exception {
        usb.permitted.add(PRINTER.getDeviceName());
        host.start();
        host.askAgain();
        attach(STICK);
        while (terminal.receiver == null) {
            Thread.onSpinWait();
        }
        attach(PRINTER);
        attach(PRINTER);
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
        next("attached /dev/bus/usb/001/002");
        detach(PRINTER);
        next("given up /dev/bus/usb/001/002");
        next("detached /dev/bus/usb/001/002");
        assertEquals(1, usb.opened.size());
    }

    @Test
    public void a_printer_that_cannot_be_had_is_told_and_let_go() throws Exception {
        UsbDevice odd = new UsbDevice("/dev/bus/usb/001/004", 1, 0xdead, 7);
        usb.permitted.add(odd.getDeviceName());
        usb.plugged.put(odd.getDeviceName(), odd);
        host.start();
        next("failed ReceiptException");
        assertTrue(usb.opened.take().closed);
        usb.opens = false;
        host.askAgain();
        next("failed IOException");
        // It is tried again when it comes again.
        usb.opens = true;
        UsbDevice fine = new UsbDevice(odd.getDeviceName(), 1, 2, 255, 7);
        attach(fine);
        next("taken 1002 /dev/bus/usb/001/004");
    }

    @Test
    public void a_vendors_own_class_is_a_printer_if_it_is_known() throws Exception {
        for (UsbDevice device : new UsbDevice[] {new UsbDevice("known", 0x04b8, 0x0202, 255),
                new UsbDevice("told", 0x1234,
                0x5678, 255), new UsbDevice("unknown", 0x1234, 0x5679, 255)}) {
            usb.permitted.add(device.getDeviceName());
            usb.plugged.put(device.getDeviceName(), device);
        }
        host.start();
        Set<String> attached = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
            attached.add(events.poll(60, TimeUnit.SECONDS).replaceAll(".* ", ""));
        }
        assertEquals(new TreeSet<>(java.util.Arrays.asList("known", "told")), attached);
    }

    @Test
    public void what_the_daemon_knows_of_vendors_classes_is_known_here() throws Exception {
        Set<Integer> quirks = new TreeSet<>();
        for (String quirk : Repo.read("daemon/printer/quirks.toml").split("\\[\\[quirk\\]\\]")) {
            Matcher ids = Pattern.compile("(?m)^vendor = 0x(\\w+)\\nproduct = 0x(\\w+)").matcher(quirk);
            if (quirk.contains("\nvendor-class = true") && ids.find()) {
                quirks.add(Integer.parseInt(ids.group(1), 16) << 16 | Integer.parseInt(ids.group(2), 16));
            }
        }
        assertFalse(quirks.isEmpty());
        assertEquals(quirks, new TreeSet<>(KnownPrinters.vendorClass()));
    }

    @Test
    public void closed_it_gives_up_and_hears_nothing() throws Exception {
        usb.permitted.add(PRINTER.getDeviceName());
        usb.plugged.put(PRINTER.getDeviceName(), PRINTER);
        host.start();
        next("taken " + (1000 + 0x5743) + " /dev/bus/usb/001/002");
        next("attached /dev/bus/usb/001/002");
        BroadcastReceiver receiver = terminal.receiver;
        host.close();
        host.close();
        next("unregistered");
        next("given up /dev/bus/usb/001/002");
        receiver.onReceive(terminal, new Intent(UsbManager.ACTION_USB_DEVICE_ATTACHED)
                .put(UsbManager.EXTRA_DEVICE, PRINTER));
        assertEquals(1, usb.opened.size());
        assertThrows(IllegalStateException.class, host::start);
        assertThrows(IllegalStateException.class, host::askAgain);
    }

    @Test
    public void the_spool_is_where_android_makes_no_backups() throws Exception {
        // Its parent is not there, so it says where it wanted to be.
        ReceiptException e = assertThrows(ReceiptException.class,
                () -> UsbPrinterHost.inProcess(new Forbidden()).open());
        assertEquals(ReceiptException.Code.CANNOT_OPEN, e.getCode());
        assertTrue(e.getMessage(), e.getMessage().contains("no_backup/receiptd"));
    }

    /** A context whose folder is a file. */
    private final class Forbidden extends Context {
        private final File file;

        Forbidden() throws Exception {
            file = new File(Files.createTempDirectory("receiptd-android-").toFile(), "no_backup");
            Files.write(file.toPath(), Collections.singletonList("a file"));
            file.deleteOnExit();
            file.getParentFile().deleteOnExit();
        }

        @Override
        public Object getSystemService(String name) {
            return null;
        }

        @Override
        public Context getApplicationContext() {
            return this;
        }

        @Override
        public String getPackageName() {
            return "";
        }

        @Override
        public File getNoBackupFilesDir() {
            return file;
        }

        @Override
        public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter) {
            return null;
        }

        @Override
        public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags) {
            return null;
        }

        @Override
        public void unregisterReceiver(BroadcastReceiver receiver) { }
    }

    @Test
    public void the_printer_of_a_daemon_takes_no_usb() {
        try (ReceiptPrinter printer = ReceiptPrinter.builder().socket("/nowhere").build()) {
            assertThrows(IllegalStateException.class, () -> printer.attachUsb(0, "x"));
        }
    }
}
