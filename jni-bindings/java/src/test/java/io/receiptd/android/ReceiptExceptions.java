package io.receiptd.android;

import io.receiptd.ReceiptException;
import java.lang.reflect.Constructor;

/** Refusals as native code makes them. */
final class ReceiptExceptions {
    private ReceiptExceptions() {}

    static ReceiptException invalid() {
        try {
            Constructor<ReceiptException> constructor =
                    ReceiptException.class.getDeclaredConstructor(String.class, String.class,
                    String.class, String.class);
            constructor.setAccessible(true);
            return constructor.newInstance("InvalidArgument", "it is no printer", "参数有误", "never");
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
