package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The programs in a document in docs/: each is a block whose fence names its file, in the unnamed package and without
 * imports.
 *
 * <pre>
 *   ```java Smallest.java             a function, a value: compiled with all others of the document
 *   ```java SmallestTest.java         the same, and run by {@link DocsTest}
 * </pre>
 *
 * <p>A block whose fence is {@code ```text NAME} is a resource of the document's tests.
 *
 * <p>Usual imports are added: the API's packages, {@code java.io}, {@code java.nio.file}, {@code java.time},
 * {@code java.util}; in a test also {@code org.kapacitorudf.testkit} and its {@code junit}, JUnit's {@code @Test} and
 * {@code @RegisterExtension}, and AssertJ's assertions.
 */
final class Docs {
    private static final Path DIRECTORY = Path.of(System.getProperty("kapacitor-udf.scripts"), "..", "docs");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java(?: ([^\\n]*))?\\n(.*?)^```$");
    private static final Pattern RESOURCE = Pattern.compile("(?ms)^```text ([^\\n]+)\\n(.*?)^```$");
    private static final Pattern FILE = Pattern.compile("([A-Z]\\w*)\\.java");
    private static final List<String> IMPORTS = List.of(
            "org.kapacitorudf.*",
            "org.kapacitorudf.agent.*",
            "org.kapacitorudf.embed.*",
            "org.kapacitorudf.errors.*",
            "org.kapacitorudf.option.*",
            "org.kapacitorudf.state.*",
            "java.io.*",
            "java.nio.file.*",
            "java.time.*",
            "java.util.*",
            "org.kapacitorudf.examples.MovingAverage",
            "org.kapacitorudf.Timer"); // chooses between several Timer classes
    private static final List<String> TEST_IMPORTS = List.of(
            "org.kapacitorudf.client.*",
            "org.kapacitorudf.testkit.*",
            "org.kapacitorudf.testkit.junit.*",
            "org.junit.jupiter.api.extension.RegisterExtension",
            "org.junit.jupiter.api.Test",
            "static org.assertj.core.api.Assertions.assertThat",
            "static org.assertj.core.api.Assertions.assertThatThrownBy");

    private final Path document;
    private final Map<String, String> classes;
    private final Map<String, String> resources;

    private Docs(Path document, Map<String, String> classes, Map<String, String> resources) {
        this.document = document;
        this.classes = classes;
        this.resources = resources;
    }

    /** All documents. */
    static List<Docs> all() throws IOException {
        List<Docs> all = new ArrayList<>();
        try (Stream<Path> documents = Files.list(DIRECTORY)) {
            for (Path document : documents
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                all.add(of(document));
            }
        }
        return all;
    }

    /** A document: {@code batches.md}. */
    static Docs of(String name) throws IOException {
        return of(DIRECTORY.resolve(name));
    }

    private static Docs of(Path document) throws IOException {
        Map<String, String> classes = new LinkedHashMap<>();
        for (MatchResult block :
                BLOCK.matcher(Files.readString(document)).results().toList()) {
            String file = String.valueOf(block.group(1));
            assertThat(file).as("%s: the text after ```java", document).matches(FILE);
            String name = file.replace(".java", "");
            assertThat(classes.put(name, block.group(2)))
                    .as("%s: %s occurs twice", document, file)
                    .isNull();
        }
        Map<String, String> resources = new LinkedHashMap<>();
        RESOURCE.matcher(Files.readString(document))
                .results()
                .forEach(block -> resources.put(block.group(1), block.group(2)));
        return new Docs(document, classes, resources);
    }

    /** The document's file name. */
    String name() {
        return document.getFileName().toString();
    }

    /** The names of its classes that are tests. */
    List<String> tests() {
        return classes.keySet().stream().filter(name -> name.endsWith("Test")).toList();
    }

    /** Compiles all its classes into a directory; a warning is an error. */
    void compileInto(Path directory) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Map.Entry<String, String> source : classes.entrySet()) {
            Path file = directory.resolve(source.getKey() + ".java");
            Files.writeString(file, imports(source.getKey()) + source.getValue());
            sources.add(file);
        }
        for (Map.Entry<String, String> resource : resources.entrySet()) {
            Files.writeString(directory.resolve(resource.getKey()), resource.getValue());
        }
        if (sources.isEmpty()) {
            return;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of(
                "--release",
                "17",
                "-Xlint:all,-processing,-classfile",
                "-Werror",
                "-d",
                directory.toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(compiled).as("%s:\n%s", document, said).isTrue();
        }
    }

    /** On one line, so that the compiler's line numbers are those of the block. */
    private static String imports(String name) {
        List<String> imports = new ArrayList<>(IMPORTS);
        if (name.endsWith("Test")) {
            imports.addAll(TEST_IMPORTS);
        }
        StringBuilder line = new StringBuilder();
        imports.forEach(each -> line.append("import ").append(each).append("; "));
        return line.toString();
    }
}
