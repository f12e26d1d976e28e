package io.receiptd;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Finds and loads the native library, and sees that it belongs to these classes. */
final class NativeLibrary {
    /** Names a file that is loaded instead of what would be found. */
    static final String PROPERTY = "io.receiptd.library";

    private static final String NAME = "receiptd_jni";
    private static final int COPY_BYTES = 64 * 1024;

    private static boolean loaded;
    private static String why;

    private NativeLibrary() {}

    /**
     * Loads it unless it is loaded. A failure is remembered: a library does not get better by trying.
     *
     * @throws UnsatisfiedLinkError naming the library and the version of the classes, and what to do
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        if (why == null) {
            try {
                String from = find();
                why = misfit(from);
            } catch (LinkageError | IOException | SecurityException e) {
                // A method that is missing here is no UnsatisfiedLinkError yet.
                why = "the native library " + NAME + " of receiptd can't be loaded for the classes of version "
                        + Version.CLASSES + ": " + e.getMessage() + ". " + advice();
            }
        }
        if (why != null) {
            throw new UnsatisfiedLinkError(why);
        }
        loaded = true;
    }

    /** Loads it from where it is, and says from where. */
    private static String find() throws IOException {
        String file = System.getProperty(PROPERTY);
        if (file != null && !file.isEmpty()) {
            System.load(new File(file).getAbsolutePath());
            return file;
        }
        if (!isAndroid()) {
            String resource = "native/" + platform() + "/lib" + NAME + ".so";
            try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
                if (in != null) {
                    loadCopy(in);
                    return "io/receiptd/" + resource;
                }
            }
        }
        System.loadLibrary(NAME);
        return System.mapLibraryName(NAME);
    }

    /** The dynamic loader wants a file: one that only this user may read, gone from the folder once it is loaded. */
    private static void loadCopy(InputStream in) throws IOException {
        File copy = File.createTempFile("lib" + NAME, ".so");
        try {
            copy.setReadable(false, false);
            copy.setReadable(true, true);
            copy.setWritable(false, false);
            copy.setWritable(true, true);
            try (OutputStream out = new FileOutputStream(copy)) {
                byte[] part = new byte[COPY_BYTES];
                for (int n = in.read(part); n >= 0; n = in.read(part)) {
                    out.write(part, 0, n);
                }
            }
            System.load(copy.getAbsolutePath());
        } finally {
            if (!copy.delete()) {
                copy.deleteOnExit();
            }
        }
    }

    /** The folder that the library was loaded from; null if it was not from a file that is still there. */
    static File folder() {
        try (BufferedReader maps = new BufferedReader(new InputStreamReader(new FileInputStream("/proc/self/maps"),
                StandardCharsets.UTF_8))) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                if (line.endsWith("/lib" + NAME + ".so")) {
                    return new File(line.substring(line.indexOf('/'))).getParentFile();
                }
            }
        } catch (IOException e) {
            // Whoever asks looks elsewhere.
        }
        return null;
    }

    /** Why the loaded library does not fit, or null. */
    private static String misfit(String from) {
        int boundary;
        String version;
        try {
            boundary = NativeBridge.boundary();
            version = NativeBridge.version();
        } catch (UnsatisfiedLinkError e) {
            return from + " was loaded, but is no " + NAME + " for the classes of version " + Version.CLASSES + " ("
                    + e.getMessage() + "). " + advice();
        }
        if (boundary == NativeBridge.BOUNDARY) {
            return null;
        }
        return from + " is version " + version + " with boundary " + boundary
                + ", the classes of io.receiptd are version " + Version.CLASSES
                + " with boundary " + NativeBridge.BOUNDARY + ". " + advice();
    }

    private static String advice() {
        return isAndroid()
                ? "Take the .aar as it is: it holds classes and libraries of the same release for arm64-v8a,"
                        + " armeabi-v7a and x86_64. If a shrinker ran, use the consumer rules of the .aar."
                : "Take the jar with the library for " + platform() + " of the same release, or name the library"
                        + " with -D" + PROPERTY + "=FILE. If it can't be mapped, let"
                        + " java.io.tmpdir be a folder that is not mounted noexec.";
    }

    private static boolean isAndroid() {
        return "The Android Project".equals(System.getProperty("java.vendor"))
                || "Dalvik".equals(System.getProperty("java.vm.name"));
    }

    /** As the folders in the jar are called, for example {@code linux-x86_64}. */
    static String platform() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        switch (arch) {
            case "amd64":
            case "x86-64":
                arch = "x86_64";
                break;
            case "arm64":
                arch = "aarch64";
                break;
            default:
                break;
        }
        return system + "-" + arch;
    }
}
