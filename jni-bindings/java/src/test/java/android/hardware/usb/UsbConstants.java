package android.hardware.usb;

public final class UsbConstants {
    public static final int USB_CLASS_PRINTER = 7;
    public static final int USB_CLASS_VENDOR_SPEC = 255;

    private UsbConstants() {}
}
