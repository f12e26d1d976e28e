package io.receiptd.android;

import android.app.PendingIntent;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.hardware.usb.UsbConstants;
import android.hardware.usb.UsbDevice;
import android.hardware.usb.UsbDeviceConnection;
import android.hardware.usb.UsbManager;
import android.os.Build;
import io.receiptd.InProcessBuilder;
import io.receiptd.ReceiptException;
import io.receiptd.ReceiptPrinter;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.jetbrains.annotations.NotNull;

/**
 * Finds the USB printers of the terminal, asks for permission, opens them and hands them to a spooler in this process;
 * notices when they are plugged in and unplugged.
 *
 * <p>A printer is a device with an interface of class 7; one of a vendor's own class is one if it is known
 * ({@link Builder#vendorClass}). The app needs {@code <uses-feature android:name="android.hardware.usb.host"/>} and no
 * permission. The system asks the person at the terminal once for each device; who declares an activity for
 * {@code USB_DEVICE_ATTACHED} with a device filter is given the permission for good.
 *
 * <p>No method blocks; what takes time is done on a thread of this class, which is there when it is needed. The process
 * must live for receipts to be printed: on a terminal that ends apps, start it from a foreground service.
 */
public final class UsbPrinterHost implements AutoCloseable {
    /** Since Android 12 a {@code PendingIntent} says whether it may be filled in, as the answer of the person is. */
    private static final int FLAG_MUTABLE = 1 << 25;
    private static final int ANDROID_12 = 31;
    /** Since Android 13 a receiver says whether other apps may send to it. */
    private static final int RECEIVER_NOT_EXPORTED = 4;
    private static final int ANDROID_13 = 33;
    private static final String PERMISSION_ACTION = "io.receiptd.android.USB_PERMISSION";
    private static final String FOLDER = "receiptd";
    private static final long IDLE_SECONDS = 2;
    private static final Logger LOGGER = Logger.getLogger("io.receiptd.android");

    /** Who takes a printer: the spooler. */
    interface Spooler {
        AutoCloseable attach(int fd, String device) throws ReceiptException;
    }

    private final Context context;
    private final UsbManager manager;
    private final Spooler spooler;
    private final Set<Integer> vendorClass;
    private final boolean askPermission;
    private final Executor listenerExecutor;
    private final UsbPrinterListener listener;
    private final ThreadPoolExecutor worker;
    private final BroadcastReceiver receiver = new Receiver();
    /** By the name that Android gave: what is open. On the worker alone, as the others here. */
    private final Map<String, Open> open = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private boolean started;
    private volatile boolean closed;

    private UsbPrinterHost(Builder from) {
        context = from.context.getApplicationContext();
        manager = (UsbManager) context.getSystemService(Context.USB_SERVICE);
        if (manager == null) {
            throw new IllegalStateException("this device has no USB host");
        }
        spooler = from.spooler;
        vendorClass = new HashSet<>(from.vendorClass);
        askPermission = from.askPermission;
        listenerExecutor = from.listenerExecutor;
        listener = from.listener;
        worker = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(null, task, "receiptd-usb");
            thread.setDaemon(true);
            return thread;
        });
        worker.allowCoreThreadTimeOut(true);
    }

    /**
     * A builder for a spooler in this process whose folder is where Android makes no backups of: a spool that comes
     * back out of a backup would print old receipts.
     *
     * @param context any context of the app
     * @return a new one; its {@link InProcessBuilder#open()} blocks, so it is for another than the main thread
     */
    public static @NotNull InProcessBuilder inProcess(@NotNull Context context) {
        return ReceiptPrinter.inProcess(new File(context.getNoBackupFilesDir(), FOLDER));
    }

    /**
     * A builder.
     *
     * @param context any context of the app; the one of the application is kept
     * @param printer a printer with a spooler in this process
     * @return a new one
     */
    public static @NotNull Builder builder(@NotNull Context context, @NotNull ReceiptPrinter printer) {
        return new Builder(context, Objects.requireNonNull(printer, "printer")::attachUsb);
    }

    /** For tests: with something else that takes printers. */
    static Builder builder(Context context, Spooler spooler) {
        return new Builder(context, spooler);
    }

    /**
     * Begins: takes the printers that are plugged in, and from now on those that come. A second time nothing happens.
     *
     * @throws IllegalStateException if this is closed
     */
    public void start() {
        checkOpen();
        worker.execute(() -> {
            if (started || closed) {
                return;
            }
            started = true;
            IntentFilter filter = new IntentFilter();
            filter.addAction(UsbManager.ACTION_USB_DEVICE_ATTACHED);
            filter.addAction(UsbManager.ACTION_USB_DEVICE_DETACHED);
            filter.addAction(PERMISSION_ACTION);
            if (Build.VERSION.SDK_INT >= ANDROID_13) {
                context.registerReceiver(receiver, filter, RECEIVER_NOT_EXPORTED);
            } else {
                context.registerReceiver(receiver, filter);
            }
            scan();
        });
    }

    /**
     * Asks again for the printers that are plugged in and not permitted.
     *
     * @throws IllegalStateException if this is closed
     */
    public void askAgain() {
        checkOpen();
        worker.execute(() -> {
            asked.clear();
            if (started && !closed) {
                scan();
            }
        });
    }

    /**
     * Gives the printers up and listens no more. May be called several times. The printer that it was built with stays
     * open; receipts wait.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        worker.execute(() -> {
            if (started) {
                context.unregisterReceiver(receiver);
            }
            for (Open one : new ArrayList<>(open.values())) {
                one.close();
            }
            open.clear();
        });
        worker.shutdown();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the host of USB printers is closed");
        }
    }

    private void scan() {
        for (UsbDevice device : manager.getDeviceList().values()) {
            found(device);
        }
    }

    private void found(UsbDevice device) {
        if (closed || open.containsKey(device.getDeviceName()) || !prints(device)) {
            return;
        }
        if (manager.hasPermission(device)) {
            take(device);
        } else if (askPermission && asked.add(device.getDeviceName())) {
            // The system fills the answer in, so it must be mutable; it goes to this app alone.
            Intent answer = new Intent(PERMISSION_ACTION).setPackage(context.getPackageName());
            int flags = PendingIntent.FLAG_UPDATE_CURRENT | (Build.VERSION.SDK_INT >= ANDROID_12 ? FLAG_MUTABLE : 0);
            manager.requestPermission(device, PendingIntent.getBroadcast(context, 0, answer, flags));
        }
    }

    private void take(UsbDevice device) {
        UsbDeviceConnection connection = manager.openDevice(device);
        if (connection == null) {
            tell(l -> l.onFailed(device, new IOException("Android does not open " + device.getDeviceName())));
            return;
        }
        AutoCloseable attachment;
        try {
            attachment = spooler.attach(connection.getFileDescriptor(), device.getDeviceName());
        } catch (ReceiptException | IllegalStateException e) {
            connection.close();
            tell(l -> l.onFailed(device, e));
            return;
        }
        open.put(device.getDeviceName(), new Open(device, connection, attachment));
        asked.remove(device.getDeviceName());
        tell(l -> l.onAttached(device));
    }

    private void answered(UsbDevice device, boolean granted) {
        if (granted && manager.hasPermission(device)) {
            found(device);
        } else if (!closed) {
            tell(l -> l.onPermissionDenied(device));
        }
    }

    private void gone(UsbDevice device) {
        asked.remove(device.getDeviceName());
        Open one = open.remove(device.getDeviceName());
        if (one != null) {
            one.close();
            tell(l -> l.onDetached(one.device));
        }
    }

    private boolean prints(UsbDevice device) {
        boolean known = vendorClass.contains(id(device.getVendorId(), device.getProductId()));
        for (int i = 0; i < device.getInterfaceCount(); i++) {
            int of = device.getInterface(i).getInterfaceClass();
            if (of == UsbConstants.USB_CLASS_PRINTER || known && of == UsbConstants.USB_CLASS_VENDOR_SPEC) {
                return true;
            }
        }
        return false;
    }

    private void tell(Consumer<UsbPrinterListener> what) {
        Executor executor = listenerExecutor != null ? listenerExecutor : Runnable::run;
        try {
            executor.execute(() -> what.accept(listener));
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "a listener failed", e);
        }
    }

    private static int id(int vendor, int product) {
        return vendor << 16 | product;
    }

    /** A printer that is open. The connection must live as long as the spooler uses its descriptor. */
    private static final class Open {
        final UsbDevice device;
        private final UsbDeviceConnection connection;
        private final AutoCloseable attachment;

        Open(UsbDevice device, UsbDeviceConnection connection, AutoCloseable attachment) {
            this.device = device;
            this.connection = connection;
            this.attachment = attachment;
        }

        /** First the spooler lets go, then Android. */
        void close() {
            try {
                attachment.close();
            } catch (Exception e) {
                LOGGER.log(Level.WARNING, "a printer could not be given up", e);
            }
            connection.close();
        }
    }

    /** On the main thread: hands over to the worker. */
    private final class Receiver extends BroadcastReceiver {
        @Override
        public void onReceive(Context from, Intent intent) {
            UsbDevice device = intent.getParcelableExtra(UsbManager.EXTRA_DEVICE);
            String action = intent.getAction();
            if (device == null || action == null || closed) {
                return;
            }
            boolean granted = intent.getBooleanExtra(UsbManager.EXTRA_PERMISSION_GRANTED, false);
            try {
                worker.execute(() -> {
                    switch (action) {
                        case UsbManager.ACTION_USB_DEVICE_ATTACHED:
                            found(device);
                            break;
                        case UsbManager.ACTION_USB_DEVICE_DETACHED:
                            gone(device);
                            break;
                        case PERMISSION_ACTION:
                            answered(device, granted);
                            break;
                        default:
                            break;
                    }
                });
            } catch (RejectedExecutionException e) {
                LOGGER.finest("a broadcast after the end");
            }
        }
    }

    /** Builds a {@link UsbPrinterHost}. Not for several threads at once. */
    public static final class Builder {
        private final Context context;
        private final Spooler spooler;
        private final Set<Integer> vendorClass = new HashSet<>(KnownPrinters.vendorClass());
        private boolean askPermission = true;
        private Executor listenerExecutor;
        private UsbPrinterListener listener = new UsbPrinterListener() { };

        private Builder(Context context, Spooler spooler) {
            this.context = Objects.requireNonNull(context, "context");
            this.spooler = spooler;
        }

        /**
         * One more printer whose interface is of its vendor's own class. The spooler must know it too: by a file in
         * {@code quirks.d} in its folder with {@code vendor-class = true}.
         *
         * @param vendorId  its vendor id
         * @param productId its product id
         * @return this
         * @throws IllegalArgumentException if one is not 0 to 65535
         */
        public @NotNull Builder vendorClass(int vendorId, int productId) {
            if (vendorId < 0 || vendorId > 0xffff || productId < 0 || productId > 0xffff) {
                throw new IllegalArgumentException("an id of USB is 0 to 65535");
            }
            vendorClass.add(id(vendorId, productId));
            return this;
        }

        /**
         * Whether the person at the terminal is asked for permission when it is needed. Default: true. With false, only
         * printers that are permitted already are taken, and after {@link #build} a call of
         * {@link UsbPrinterHost#askAgain} looks again.
         *
         * @param ask whether
         * @return this
         */
        public @NotNull Builder askPermission(boolean ask) {
            askPermission = ask;
            return this;
        }

        /**
         * Who is told.
         *
         * @param executor calls the listener, for example {@code context.getMainExecutor()}
         * @param listener the listener
         * @return this
         */
        public @NotNull Builder listener(@NotNull Executor executor, @NotNull UsbPrinterListener listener) {
            listenerExecutor = Objects.requireNonNull(executor, "executor");
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * The host; {@link UsbPrinterHost#start} begins.
         *
         * @return a new one
         * @throws IllegalStateException if this device has no USB host
         */
        public @NotNull UsbPrinterHost build() {
            return new UsbPrinterHost(this);
        }
    }
}
