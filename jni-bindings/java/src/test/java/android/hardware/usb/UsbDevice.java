package android.hardware.usb;

import android.os.Parcelable;

public class UsbDevice implements Parcelable {
    private final String name;
    private final int vendor;
    private final int product;
    private final int[] classes;

    public UsbDevice(String name, int vendor, int product, int... classes) {
        this.name = name;
        this.vendor = vendor;
        this.product = product;
        this.classes = classes;
    }

    public String getDeviceName() {
        return name;
    }

    public int getVendorId() {
        return vendor;
    }

    public int getProductId() {
        return product;
    }

    public int getInterfaceCount() {
        return classes.length;
    }

    public UsbInterface getInterface(int index) {
        return new UsbInterface(classes[index]);
    }
}
