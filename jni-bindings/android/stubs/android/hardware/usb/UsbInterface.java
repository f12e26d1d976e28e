package android.hardware.usb;

public class UsbInterface {
    UsbInterface() {}

    public int getInterfaceClass() {
        throw new UnsupportedOperationException("stub");
    }
}
