package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.Test;

/** What the documents show compiles, and their tables are complete. */
public class DocsTest {
    /** What the examples take for granted. */
    private static final String AROUND = "import android.content.Context;\nimport android.hardware.usb.UsbDevice;\n"
            + "import io.receiptd.*;\nimport io.receiptd.android.*;\nimport io.receiptd.document.*;\n"
            + "import java.util.*;\nimport java.util.concurrent.*;\n"
            + "class Example {\n"
            + "    interface Sold { String key(); Receipt receipt(); }\n"
            + "    static class Looper { static Looper getMainLooper() { return null; } }\n"
            + "    static class Handler { Handler(Looper l) { } boolean post(Runnable r) { return true; } }\n"
            + "    void log(String line) { }\n    void showOnScreen() { }\n    void askAgain() { }\n"
            + "    void show(String title, JobState state, String paused) { }\n    void showAll(JobPage page) { }\n"
            + "    void explainAndOffer(Runnable again) { }\n    void finished(String key, JobState state) { }\n"
            + "    Submitted submitted;\n    void showText(String text) { }\n    String fieldsOfTheSale() { return null; }\n"
            + "    List<Sold> soldAndNotFinished() { return null; }\n    Context context;\n";

    @Test
    public void what_is_shown_compiles() throws Exception {
        Matcher block = Pattern.compile("(?ms)^```java\\n(.*?)^```").matcher(Repo.read("docs/java.md"));
        int blocks = 0;
        while (block.find()) {
            blocks++;
            String code = block.group(1);
            String parameters = (code.contains("ReceiptPrinter printer =") ? "" : "ReceiptPrinter printer")
                    + (code.contains("Executor main =") || code.contains("ReceiptPrinter printer =")
                            && !code.contains("main")
                    ? "" : code.contains("ReceiptPrinter printer =") ? "Executor main" : ", Executor main");
            compile(AROUND + "    void example(" + parameters + ") throws Exception {\n" + code + "    }\n}\n");
        }
        assertEquals(5, blocks);
    }

    private static void compile(String source) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        Path out = Files.createTempDirectory("receiptd-docs-");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(said, null, StandardCharsets.UTF_8)) {
            files.setLocation(StandardLocation.CLASS_OUTPUT, Collections.singletonList(out.toFile()));
            JavaFileObject example = new SimpleJavaFileObject(URI.create("string:///Example.java"),
                    JavaFileObject.Kind.SOURCE) {
                @Override
                public CharSequence getCharContent(boolean ignore) {
                    return source;
                }
            };
            compiler.getTask(null, files, said, Arrays.asList("-proc:none", "-Xlint:-options"), null,
                    Collections.singletonList(example)).call();
        } finally {
            try (Stream<Path> files = Files.walk(out)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
                    Files.delete(file);
                }
            }
        }
        List<String> errors = new ArrayList<>();
        for (Diagnostic<?> one : said.getDiagnostics()) {
            if (one.getKind() == Diagnostic.Kind.ERROR) {
                errors.add(one.toString());
            }
        }
        assertEquals(source + "\n" + String.join("\n", errors), 0, errors.size());
    }

    @Test
    public void the_tables_of_errors_have_every_code() throws Exception {
        Set<String> codes = Arrays.stream(ReceiptException.Code.values()).map(Enum::name)
                .collect(Collectors.toCollection(TreeSet::new));
        for (String document : new String[] {"docs/java.md", "docs/java.zh.md"}) {
            Set<String> told = new TreeSet<>();
            for (String line : Repo.read(document).split("\n")) {
                Matcher code = Pattern.compile("`([A-Z_]+)`")
                        .matcher(line.startsWith("| `") ? line.split("\\|")[1] : "");
                while (code.find()) {
                    told.add(code.group(1));
                }
            }
            assertEquals(document, codes, told);
        }
    }

    @Test
    public void what_the_documents_name_is_there() throws Exception {
        String text = Repo.read("docs/java.md") + Repo.read("docs/java.zh.md");
        Matcher link = Pattern.compile("\\]\\((?!http)([^)#]+)\\)").matcher(text);
        while (link.find()) {
            assertTrue(link.group(1), Repo.file("docs/" + link.group(1)).exists());
        }
    }
}
