package android.hardware.usb;

public class UsbInterface {
    private final int of;

    public UsbInterface(int of) {
        this.of = of;
    }

    public int getInterfaceClass() {
        return of;
    }
}
