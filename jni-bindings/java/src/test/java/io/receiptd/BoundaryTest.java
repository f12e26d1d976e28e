package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.Test;

/** Classes and native library of different releases refuse each other, whichever of the two is the newer one. */
public class BoundaryTest {
    private static String run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        World.await(process);
        assertEquals(said, 0, process.exitValue());
        return said;
    }

    /** What an app is told, twice, by a JVM with these classes before those of the library, and with this library. */
    private static String misfit(Path classes, String library) throws Exception {
        ProcessBuilder command = World.jvm(Collections.emptyList(), LifeTest.Misfit.class);
        command.command().replaceAll(word -> word.startsWith("-Dio.receiptd.library=")
                ? "-Dio.receiptd.library=" + library : word.equals(System.getProperty("java.class.path"))
                ? classes + File.pathSeparator + word : word);
        Process jvm = command.start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        World.await(jvm);
        String[] lines = said.split("\n");
        assertEquals(said, 2, lines.length);
        assertEquals(lines[0], lines[1]);
        assertTrue(said, said.contains(Version.CLASSES) && said.contains("-Dio.receiptd.library=FILE"));
        return lines[0];
    }

    /** {@code NativeBridge} with something else in it. */
    private static Path changed(World world, String what, String by) throws Exception {
        String source = Repo.read("jni-bindings/java/src/main/java/io/receiptd/NativeBridge.java");
        assertTrue(source.contains(what));
        Path file = Files.createDirectories(world.folder().resolve("source")).resolve("NativeBridge.java");
        Files.write(file, source.replace(what, by).getBytes(StandardCharsets.UTF_8));
        Path classes = Files.createDirectories(world.folder().resolve("classes"));
        run(System.getProperty("java.home") + "/bin/javac", "-encoding", "UTF-8", "-proc:none", "-cp",
                System.getProperty("java.class.path"), "-d", classes.toString(), file.toString());
        return classes;
    }

    @Test
    public void the_native_library_refuses_classes_with_another_number() throws Exception {
        try (World world = new World()) {
            String ours = "BOUNDARY = " + NativeBridge.BOUNDARY + ";";
            Path classes = changed(world, ours, "BOUNDARY = " + (NativeBridge.BOUNDARY + 1) + ";");
            String said = misfit(classes, System.getProperty("io.receiptd.library"));
            assertTrue(said, said.contains("receiptd_jni " + ReceiptPrinter.getLibraryVersion() + " does not fit"));
            assertTrue(said, said.contains("it has boundary " + NativeBridge.BOUNDARY));
            assertTrue(said, said.contains("the classes of io.receiptd have boundary " + (NativeBridge.BOUNDARY + 1)));
        }
    }

    @Test
    public void it_refuses_classes_without_one_of_its_methods() throws Exception {
        try (World world = new World()) {
            Path classes = changed(world, "static native int fd(FileDescriptor descriptor);",
                    "static int fd(FileDescriptor descriptor) { return descriptor.hashCode(); }");
            String said = misfit(classes, System.getProperty("io.receiptd.library"));
            assertTrue(said, said.contains("fd"));
        }
    }

    /** In a JVM of its own: the thread would find other classes of the same names, as in a container for applications. */
    public static final class Contained {
        private Contained() {}

        public static void main(String[] arguments) throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(new File(path).toURI().toURL());
            }
            Thread.currentThread().setContextClassLoader(new URLClassLoader(urls.toArray(new URL[0]), null));
            System.out.println(ReceiptPrinter.getLibraryVersion());
        }
    }

    @Test
    public void the_classes_that_load_the_library_are_those_that_it_serves() throws Exception {
        Process jvm = World.jvm(Collections.emptyList(), Contained.class).start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        World.await(jvm);
        assertEquals(ReceiptPrinter.getLibraryVersion() + "\n", said);
    }

    /** A native library of a later release, as far as it is asked. */
    private static final String LATER = String.join("\n", "#include <jni.h>",
            "JNIEXPORT jint JNICALL Java_io_receiptd_NativeBridge_boundary(JNIEnv *env, jclass type) { return 99; }",
            "JNIEXPORT jstring JNICALL Java_io_receiptd_NativeBridge_version(JNIEnv *env, jclass type) {",
            "    return (*env)->NewStringUTF(env, \"9.9.9\");", "}", "");

    @Test
    public void the_classes_refuse_a_library_with_another_number() throws Exception {
        try (World world = new World()) {
            Path source = world.folder().resolve("later.c");
            Files.write(source, LATER.getBytes(StandardCharsets.UTF_8));
            String library = world.folder().resolve("libreceiptd_jni.so").toString();
            String jni = System.getProperty("java.home") + "/include";
            run("cc", "-shared", "-fPIC", "-I", jni, "-I", jni + "/linux", "-o", library, source.toString());
            String said = misfit(world.folder().resolve("none"), library);
            for (String word : Arrays.asList("version 9.9.9 with boundary 99", "boundary " + NativeBridge.BOUNDARY)) {
                assertTrue(said, said.contains(word));
            }
        }
    }
}
