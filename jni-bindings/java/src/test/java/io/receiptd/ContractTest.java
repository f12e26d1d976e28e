package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Java, the D-Bus interface and the boundary say the same: neither grows alone. */
public class ContractTest {
    /** What is there beside the methods of D-Bus: made of them, or of the road in process. */
    private static final Set<String> OWN = new TreeSet<>(Arrays.asList(
            "print", "forEachJob", "getPrinter", "getSpooler", "attachUsb", "renderReceipt"));

    @Test
    public void every_method_of_dbus_is_here_in_both_variants() throws Exception {
        Set<String> expected = new TreeSet<>();
        for (String name : members("Spooler1", "method")) {
            if (name.equals("SubmitFd") || name.equals("Watch") || name.equals("Unwatch")) {
                continue;
            }
            expected.add(small(name));
        }
        expected.addAll(members("Printer1", "method").stream().map(ContractTest::small).collect(Collectors.toSet()));
        expected.addAll(OWN);
        Set<String> blocking = new TreeSet<>();
        for (Method method : ReceiptPrinter.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())
                    && Arrays.asList(method.getExceptionTypes()).contains(ReceiptException.class)) {
                blocking.add(method.getName());
            }
        }
        assertEquals(expected, blocking);
        for (String name : expected) {
            if (name.equals("forEachJob") || name.equals("attachUsb")) {
                continue;
            }
            for (Method method : ReceiptPrinter.class.getDeclaredMethods()) {
                if (method.getName().equals(name) && Modifier.isPublic(method.getModifiers())) {
                    Method async = ReceiptPrinter.class.getMethod(name + "Async", method.getParameterTypes());
                    assertEquals(CompletableFuture.class, async.getReturnType());
                }
            }
        }
        // The three that are not methods of that name.
        assertNotNull(SubmitRequest.Builder.class.getMethod("file", DocumentKind.class, java.io.FileDescriptor.class));
        assertEquals(Subscription.class, ReceiptPrinter.class.getMethod("watch", JobFilter.class, JobListener.class)
                .getReturnType());
        assertNotNull(Subscription.class.getMethod("close"));
    }

    @Test
    public void every_argument_of_a_method_is_a_parameter() throws Exception {
        for (String name : Arrays.asList("GetJob", "GetReceipt", "FindJobs", "ListJobs", "Cancel", "Hold", "Release",
                "Reprint",
                "Resolve", "CanPrint", "ListPrinters")) {
            Element method = member("Spooler1", "method", name);
            int in = 0;
            NodeList arguments = method.getElementsByTagName("arg");
            for (int i = 0; i < arguments.getLength(); i++) {
                in += ((Element) arguments.item(i)).getAttribute("direction").equals("in") ? 1 : 0;
            }
            int count = in;
            assertTrue(name, Arrays.stream(ReceiptPrinter.class.getMethods())
                    .anyMatch(m -> m.getName().equals(small(name)) && m.getParameterCount() == count));
        }
    }

    @Test
    public void every_signal_and_property_is_here() throws Exception {
        assertEquals(new TreeSet<>(Arrays.asList("JobChanged", "WatchLost")), members("Spooler1", "signal"));
        assertNotNull(JobListener.class.getMethod("onJobChanged", Job.class));
        assertNotNull(JobListener.class.getMethod("onMissed", String.class));
        assertEquals(new TreeSet<>(), members("Printer1", "signal"));

        assertEquals(members("Spooler1", "property"), getters(SpoolerInfo.class));
        Set<String> printer = new TreeSet<>(members("Printer1", "property"));
        printer.remove("Since");
        printer.add("SinceMs");
        assertEquals(printer, getters(PrinterInfo.class));
    }

    @Test
    public void every_error_of_dbus_is_a_code() throws Exception {
        String source = Repo.read("daemon/api/src/error.rs");
        String list = between(source, "\nerrors! {\n", "\n}\n");
        List<String> expected = new ArrayList<>();
        Map<String, String> retries = new LinkedHashMap<>();
        Matcher entry = Pattern.compile("(?m)^    (\\w+), (\\w+), \"").matcher(list);
        while (entry.find()) {
            expected.add(entry.group(1));
            retries.put(entry.group(1), entry.group(2));
        }
        assertTrue(expected.size() >= 16);
        // In the order of BOUNDARY.md.
        expected.addAll(Arrays.asList("Disconnected", "NotRunning", "DeniedByBus", "TimedOut", "Closed", "CannotOpen",
                "CannotShow", "Protocol", "Unknown"));
        List<String> codes = Arrays.stream(ReceiptException.Code.values()).map(ReceiptException.Code::getWord)
                .collect(Collectors.toList());
        assertEquals(expected, codes);
        for (ReceiptException.Code code : ReceiptException.Code.values()) {
            assertEquals(code, ReceiptException.Code.of(code.getWord()));
            assertEquals(shout(code.getWord()), code.name());
        }
        Set<String> words = new TreeSet<>();
        for (String retry : retries.values()) {
            words.add(shout(retry));
        }
        assertEquals(words, Arrays.stream(ReceiptException.Retry.values()).map(Enum::name)
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    public void every_code_is_brought_about_by_a_test() throws Exception {
        StringBuilder tests = new StringBuilder();
        for (File file : Repo.file("jni-bindings/java/src/test/java/io/receiptd").listFiles()) {
            if (file.isFile()) {
                tests.append(new String(Files.readAllBytes(file.toPath()), StandardCharsets.UTF_8));
            }
        }
        for (ReceiptException.Code code : ReceiptException.Code.values()) {
            Pattern met = Pattern.compile("\\bCode\\." + code + "\\b|\"" + code + " ");
            assertTrue(code + " is met by no test", met.matcher(tests).find());
        }
    }

    @Test
    public void every_word_of_dbus_is_a_constant() throws Exception {
        Map<String, Class<? extends Enum<?>>> enums = new LinkedHashMap<>();
        enums.put("JobState", JobState.class);
        enums.put("Grade", Grade.class);
        enums.put("Cut", CutState.class);
        enums.put("Kind", DocumentKind.class);
        enums.put("Uncertain", UncertainPolicy.class);
        enums.put("Purpose", Purpose.class);
        enums.put("Outcome", Outcome.class);
        enums.put("PrinterState", PrinterState.class);
        enums.put("StoreState", StoreState.class);
        String source = Repo.read("daemon/api/src/words.rs");
        Matcher list = Pattern.compile("(?ms)^words! \\{\\n(?:    ///[^\\n]*\\n)+    (\\w+) \\{\\n(.*?)^    \\}")
                .matcher(source);
        Set<String> seen = new LinkedHashSet<>();
        while (list.find()) {
            seen.add(list.group(1));
            Class<? extends Enum<?>> type = enums.get(list.group(1));
            assertNotNull("no enum for " + list.group(1), type);
            Set<String> words = new LinkedHashSet<>();
            Matcher word = Pattern.compile("\\w+ = \"([^\"]+)\"").matcher(list.group(2));
            while (word.find()) {
                words.add(word.group(1));
            }
            words.add("unknown");
            Set<String> constants = new LinkedHashSet<>();
            for (Enum<?> constant : type.getEnumConstants()) {
                constants.add((String) type.getMethod("getWord").invoke(constant));
            }
            assertEquals(list.group(1), new TreeSet<>(words), new TreeSet<>(constants));
            // A word of a newer daemon.
            Method of = type.getDeclaredMethod("of", String.class);
            assertEquals("UNKNOWN", ((Enum<?>) of.invoke(null, "teleported")).name());
        }
        assertEquals(enums.keySet(), seen);
    }

    @Test
    public void every_structure_has_its_fields_in_the_order_of_the_frame() throws Exception {
        Map<String, Class<?>> classes = new LinkedHashMap<>();
        classes.put("SubmitOptions", SubmitOptions.class);
        classes.put("Submitted", Submitted.class);
        classes.put("JobInfo", Job.class);
        classes.put("StoryItem", StoryItem.class);
        classes.put("Receipt", StoredReceipt.class);
        classes.put("JobFilter", JobFilter.class);
        classes.put("CanPrint", CanPrintAnswer.class);
        classes.put("PrinterInfo", PrinterInfo.class);
        classes.put("ProbeReport", ProbeReport.class);
        classes.put("ProbeAnswer", ProbeAnswer.class);
        classes.put("SpoolerInfo", SpoolerInfo.class);
        String source = Repo.read("daemon/api/src/types.rs");
        Matcher dict = Pattern.compile("(?ms)^dict! \\{\\n(?:    ///[^\\n]*\\n)+    (\\w+) \\{\\n(.*?)^    \\}\\n\\}")
                .matcher(source);
        Set<String> seen = new LinkedHashSet<>();
        while (dict.find()) {
            seen.add(dict.group(1));
            Class<?> type = classes.get(dict.group(1));
            assertNotNull("no class for " + dict.group(1), type);
            List<String> fields = new ArrayList<>();
            Matcher field = Pattern.compile("(?m)^        (\\w+): ").matcher(dict.group(2));
            while (field.find()) {
                fields.add(camel(field.group(1)));
            }
            List<String> declared = Arrays.stream(type.getDeclaredFields())
                    .filter(f -> !Modifier.isStatic(f.getModifiers())).map(Field::getName).collect(Collectors.toList());
            assertEquals(dict.group(1), fields, declared);
            for (String name : fields) {
                assertTrue(type + " has no getter of " + name, Arrays.stream(type.getMethods()).anyMatch(m ->
                        m.getName().equals("get" + large(name)) || m.getName().equals("is" + large(name))));
            }
        }
        assertEquals(classes.keySet(), seen);
    }

    @Test
    public void the_boundary_is_the_written_one() throws Exception {
        String boundary = Repo.read("jni-bindings/BOUNDARY.md");
        Matcher number = Pattern.compile("`int boundary\\(\\)` \\| the number of this document: (\\d+) ")
                .matcher(boundary);
        assertTrue(number.find());
        assertEquals(Integer.parseInt(number.group(1)), NativeBridge.BOUNDARY);

        Set<String> natives = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| `(\\w+(?:\\[\\])? \\w+\\([^)]*\\))`").matcher(boundary);
        while (row.find()) {
            natives.add(row.group(1).replaceAll(" \\w+([,)])", "$1").replace("java.io.", "").replace(" ", ""));
        }
        Set<String> declared = new TreeSet<>();
        for (Method method : NativeBridge.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                assertTrue(Modifier.isStatic(method.getModifiers()));
                declared.add(method.getReturnType().getSimpleName() + method.getName() + "("
                        + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName)
                        .collect(Collectors.joining(",")) + ")");
            }
        }
        assertEquals(natives, declared);

        Map<Integer, String> operations = new LinkedHashMap<>();
        for (Field field : Operation.class.getDeclaredFields()) {
            operations.put(field.getInt(null), field.getName());
        }
        int rows = 0;
        Matcher operation = Pattern.compile("(?m)^\\| (\\d+) \\| ([^|]+) \\| [^|]*\\|[^|]*\\|$").matcher(boundary);
        while (operation.find()) {
            rows++;
            String name = operations.get(Integer.valueOf(operation.group(1)));
            assertNotNull("operation " + operation.group(1), name);
            if (operation.group(2).matches("\\w+")) {
                assertEquals(shout(operation.group(2)), name);
            }
        }
        assertEquals(operations.size(), rows);
    }

    @Test
    public void the_program_that_shows_receipts_is_asked_in_its_version() throws Exception {
        Matcher version = Pattern.compile("(?m)^pub const VERSION: u32 = (\\d+);")
                .matcher(Repo.read("daemon/press/src/request.rs"));
        assertTrue(version.find());
        assertEquals(Integer.parseInt(version.group(1)), Press.VERSION);
    }

    @Test
    public void the_classes_have_the_version_of_the_workspace() throws Exception {
        Matcher version = Pattern.compile("(?m)^version = \"([^\"]+)\"").matcher(Repo.read("Cargo.toml"));
        assertTrue(version.find());
        assertEquals(version.group(1), Version.CLASSES);
    }

    /** What Java 8 has and Android 7.0 (API 24) does not; javac sees to the rest. */
    private static final List<String> NOT_IN_ANDROID_7 = Arrays.asList("java/time/", "java/nio/file/", "java/util/Base64",
            "java/lang/reflect/Parameter", "java/util/concurrent/StampedLock",
            "(Ljava/lang/CharSequence;[Ljava/lang/CharSequence;)Ljava/lang/String;",
            "(Ljava/lang/CharSequence;Ljava/lang/Iterable;)Ljava/lang/String;");

    @Test
    public void no_class_needs_more_than_android_7() throws Exception {
        Path classes = Path.of(NativeBridge.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Path> files;
        try (Stream<Path> all = Files.walk(classes)) {
            files = all.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toList());
        }
        assertTrue("only " + files.size() + " in " + classes, files.size() > 100);
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            assertEquals(file + " is of Java 8", 52, bytes[7]);
            String constants = new String(bytes, StandardCharsets.ISO_8859_1);
            for (String name : NOT_IN_ANDROID_7) {
                assertTrue(file + " uses " + name, !constants.contains(name));
            }
        }
    }

    private static Set<String> members(String face, String kind) throws Exception {
        Set<String> names = new TreeSet<>();
        NodeList all = face(face).getElementsByTagName(kind);
        for (int i = 0; i < all.getLength(); i++) {
            names.add(((Element) all.item(i)).getAttribute("name"));
        }
        return names;
    }

    private static Element member(String face, String kind, String name) throws Exception {
        NodeList all = face(face).getElementsByTagName(kind);
        for (int i = 0; i < all.getLength(); i++) {
            if (((Element) all.item(i)).getAttribute("name").equals(name)) {
                return (Element) all.item(i);
            }
        }
        throw new AssertionError("no " + kind + " " + name);
    }

    private static Element face(String name) throws Exception {
        File file = Repo.file("daemon/api/dbus/io.receiptd." + name + ".xml");
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(file).getDocumentElement();
    }

    private static Set<String> getters(Class<?> type) {
        Set<String> names = new TreeSet<>();
        for (Method method : type.getDeclaredMethods()) {
            Matcher name = Pattern.compile("(?:get|is)([A-Z]\\w*)").matcher(method.getName());
            if (Modifier.isPublic(method.getModifiers()) && name.matches()) {
                names.add(name.group(1));
            }
        }
        return names;
    }

    private static String between(String text, String from, String to) {
        int start = text.indexOf(from) + from.length();
        return text.substring(start, text.indexOf(to, start));
    }

    private static String small(String name) {
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static String large(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    private static String shout(String name) {
        return name.replaceAll("(?<=.)(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
    }

    private static String camel(String name) {
        StringBuilder out = new StringBuilder();
        for (String part : name.split("_")) {
            out.append(out.length() == 0 ? part : large(part));
        }
        return out.toString();
    }
}
