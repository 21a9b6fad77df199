package org.kapacitorudf.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.kapacitorudf.Udf;

/** Jars with functions, compiled from sources. */
public final class PlugInJars {
    /**
     * A function with a configurable result; {@code %s} are the class, the function's name, and an expression for the
     * field {@code is}.
     */
    private static final String FUNCTION = """
            import org.kapacitorudf.*; import org.kapacitorudf.agent.*; import org.kapacitorudf.errors.*; import org.kapacitorudf.option.*; import org.kapacitorudf.state.*;
            public final class %s implements Udf {
                public Description describe() { return Description.stream("%s", "a plug-in"); }
                public Handler create(Context context) {
                    return (point, output) -> output.point(point.withFields(Fields.of("is", %s)));
                }
            }
            """;

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    private PlugInJars() {}

    /** A function that is listed as a service. */
    public static PlugInJars function(String type, String name, String is) throws IOException {
        return of(Map.of(type, FUNCTION.formatted(type, name, is))).naming(type);
    }

    /** Classes by name, in the unnamed package. */
    public static PlugInJars of(Map<String, String> sources) throws IOException {
        PlugInJars jar = new PlugInJars();
        Path directory = Files.createTempDirectory("plug-in");
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> source : sources.entrySet()) {
            files.add(Files.writeString(directory.resolve(source.getKey() + ".java"), source.getValue()));
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-proc:none", "-d", directory.toString(), "-cp", agent().toString());
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                            .call())
                    .as(said.toString())
                    .isTrue();
        }
        try (Stream<Path> made = Files.list(directory)) {
            for (Path file : made.toList()) {
                if (file.toString().endsWith(".class")) {
                    jar.entries.put(file.getFileName().toString(), Files.readAllBytes(file));
                }
                Files.delete(file);
            }
        }
        Files.delete(directory);
        return jar;
    }

    /** The agent's jar or directory of classes. */
    static Path agent() {
        return Path.of(URI.create(
                Udf.class.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    /** Lists a class as a service. */
    public PlugInJars naming(String type) {
        byte[] list = entries.getOrDefault("META-INF/services/org.kapacitorudf.Udf", new byte[0]);
        String longer = new String(list, StandardCharsets.UTF_8) + type + " # a function\n";
        entries.put("META-INF/services/org.kapacitorudf.Udf", longer.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public PlugInJars without(String entry) {
        assertThat(entries.remove(entry)).as(entry).isNotNull();
        return this;
    }

    /** Changes the version of a class to that of a future Java. */
    public PlugInJars fromTheFuture(String type) {
        byte[] bytes = entries.get(type + ".class");
        bytes[6] = 0;
        bytes[7] = 120;
        return this;
    }

    /** Writes the jar, and returns its path. */
    public Path to(Path directory, String file) throws IOException {
        Path path = Files.createDirectories(directory).resolve(file);
        try (OutputStream out = Files.newOutputStream(path);
                JarOutputStream jar = new JarOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                jar.putNextEntry(new JarEntry(entry.getKey()));
                jar.write(entry.getValue());
            }
        }
        return path;
    }
}
