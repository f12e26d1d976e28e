package android.hardware.usb;

import android.app.PendingIntent;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** USB as tests want it: what is plugged in, what is permitted, and what was asked. */
public class UsbManager {
    public static final String ACTION_USB_DEVICE_ATTACHED = "android.hardware.usb.action.USB_DEVICE_ATTACHED";
    public static final String ACTION_USB_DEVICE_DETACHED = "android.hardware.usb.action.USB_DEVICE_DETACHED";
    public static final String EXTRA_DEVICE = "device";
    public static final String EXTRA_PERMISSION_GRANTED = "permission";

    public final Map<String, UsbDevice> plugged = new ConcurrentHashMap<>();
    public final Set<String> permitted = ConcurrentHashMap.newKeySet();
    public final BlockingQueue<PendingIntent> asked = new LinkedBlockingQueue<>();
    public final BlockingQueue<UsbDeviceConnection> opened = new LinkedBlockingQueue<>();
    public volatile boolean opens = true;

    public HashMap<String, UsbDevice> getDeviceList() {
        return new HashMap<>(plugged);
    }

    public boolean hasPermission(UsbDevice device) {
        return permitted.contains(device.getDeviceName());
    }

    public void requestPermission(UsbDevice device, PendingIntent intent) {
        asked.add(intent);
    }

    public UsbDeviceConnection openDevice(UsbDevice device) {
        if (!opens) {
            return null;
        }
        UsbDeviceConnection connection = new UsbDeviceConnection(device);
        opened.add(connection);
        return connection;
    }
}
