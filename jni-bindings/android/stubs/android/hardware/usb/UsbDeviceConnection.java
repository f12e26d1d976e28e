package android.hardware.usb;

public class UsbDeviceConnection {
    UsbDeviceConnection() {}

    public int getFileDescriptor() {
        throw new UnsupportedOperationException("stub");
    }

    public void close() {
        throw new UnsupportedOperationException("stub");
    }
}
