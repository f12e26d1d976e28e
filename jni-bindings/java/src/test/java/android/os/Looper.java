package android.os;

/** A main thread for tests: the thread that says it is. */
public final class Looper {
    private static final Looper MAIN = new Looper();
    private static final ThreadLocal<Looper> MINE = new ThreadLocal<>();

    private Looper() {}

    public static Looper myLooper() {
        return MINE.get();
    }

    public static Looper getMainLooper() {
        return MAIN;
    }

    public static void beMain() {
        MINE.set(MAIN);
    }

    public static void beNobody() {
        MINE.remove();
    }
}
