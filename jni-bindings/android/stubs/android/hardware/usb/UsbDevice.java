package android.hardware.usb;

import android.os.Parcelable;

public class UsbDevice implements Parcelable {
    UsbDevice() {}

    public String getDeviceName() {
        throw new UnsupportedOperationException("stub");
    }

    public int getVendorId() {
        throw new UnsupportedOperationException("stub");
    }

    public int getProductId() {
        throw new UnsupportedOperationException("stub");
    }

    public int getInterfaceCount() {
        throw new UnsupportedOperationException("stub");
    }

    public UsbInterface getInterface(int index) {
        throw new UnsupportedOperationException("stub");
    }
}
