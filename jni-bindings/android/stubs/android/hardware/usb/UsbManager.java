package android.hardware.usb;

import android.app.PendingIntent;
import java.util.HashMap;

public class UsbManager {
    public static final String ACTION_USB_DEVICE_ATTACHED = "android.hardware.usb.action.USB_DEVICE_ATTACHED";
    public static final String ACTION_USB_DEVICE_DETACHED = "android.hardware.usb.action.USB_DEVICE_DETACHED";
    public static final String EXTRA_DEVICE = "device";
    public static final String EXTRA_PERMISSION_GRANTED = "permission";

    UsbManager() {}

    public HashMap<String, UsbDevice> getDeviceList() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean hasPermission(UsbDevice device) {
        throw new UnsupportedOperationException("stub");
    }

    public void requestPermission(UsbDevice device, PendingIntent intent) {
        throw new UnsupportedOperationException("stub");
    }

    public UsbDeviceConnection openDevice(UsbDevice device) {
        throw new UnsupportedOperationException("stub");
    }
}
