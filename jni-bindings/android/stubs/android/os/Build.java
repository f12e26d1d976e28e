package android.os;

public class Build {
    public static class VERSION {
        /** Not a constant for the compiler: it is that of the terminal. */
        public static final int SDK_INT = Integer.parseInt("0");
    }
}
