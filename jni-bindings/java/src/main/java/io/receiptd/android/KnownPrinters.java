package io.receiptd.android;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * Printers that say of their interface that it is of their vendor's own class; a test compares with the daemon's
 * quirks.
 */
final class KnownPrinters {
    /** Vendor id in the upper half, product id in the lower one. */
    private static final Integer[] VENDOR_CLASS = {
        // Epson UB-U05 interface.
        0x04b8_0202,
    };

    private KnownPrinters() {}

    static Set<Integer> vendorClass() {
        return Collections.unmodifiableSet(new HashSet<>(Arrays.asList(VENDOR_CLASS)));
    }
}
