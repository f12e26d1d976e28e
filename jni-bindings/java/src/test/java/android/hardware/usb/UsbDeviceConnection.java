package android.hardware.usb;

public class UsbDeviceConnection {
    public final UsbDevice device;
    public volatile boolean closed;

    public UsbDeviceConnection(UsbDevice device) {
        this.device = device;
    }

    public int getFileDescriptor() {
        return closed ? -1 : 1000 + device.getProductId();
    }

    public void close() {
        closed = true;
    }
}
