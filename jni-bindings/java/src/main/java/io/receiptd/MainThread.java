package io.receiptd;

import java.lang.reflect.Method;

/** Whether this is Android's main thread, which must not wait. On a JVM there is none. */
final class MainThread {
    private static final Method MY_LOOPER = method("myLooper");
    private static final Method MAIN_LOOPER = method("getMainLooper");

    private MainThread() {}

    static boolean isCurrent() {
        if (MY_LOOPER == null || MAIN_LOOPER == null) {
            return false;
        }
        try {
            Object mine = MY_LOOPER.invoke(null);
            return mine != null && mine == MAIN_LOOPER.invoke(null);
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Refuses a blocking call here. */
    static void refuse(String method, String instead) {
        if (isCurrent()) {
            throw new IllegalStateException(method + " blocks and was called on the main thread; call " + instead
                    + ", or call it on another thread");
        }
    }

    private static Method method(String name) {
        try {
            return Class.forName("android.os.Looper").getMethod(name);
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }
}
