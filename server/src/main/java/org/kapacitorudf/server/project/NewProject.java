package org.kapacitorudf.server.project;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;

/**
 * The files of a Maven project with one function. They are created from the templates in the resource directory
 * {@code project/}, which contain placeholders: for example, {@code @name@} stands for the function's name.
 */
public final class NewProject {
    private static final Pattern PLACEHOLDER = Pattern.compile("@([A-Za-z][a-zA-Z.]*)@");
    private static final List<String> PACKAGES_IN_SIGHT = List.of(
            "java.lang.",
            "java.util.",
            "java.time.",
            "org.kapacitorudf.",
            "org.kapacitorudf.agent.",
            "org.kapacitorudf.errors.",
            "org.kapacitorudf.option.",
            "org.kapacitorudf.state.",
            "org.kapacitorudf.testkit.");

    /**
     * The names of further classes that the templates use. If the function's class had one of these names, it would
     * hide that class.
     */
    private static final Set<String> NAMES_IN_SIGHT = Set.of("Last", "Smoothed", "Test");

    private final String name;
    private final String packageName;
    private final EdgeType wants;
    private final String className;

    /** @throws IllegalArgumentException if the name or the package is invalid; the message names the option */
    public NewProject(String name, String packageName, EdgeType wants) {
        try {
            Description.of(name, "", wants, wants);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--" + e.getMessage(), e);
        }
        if (!SourceVersion.isName(packageName) || packageName.equals("org.kapacitorudf")) {
            throw new IllegalArgumentException(
                    "--package: \"" + packageName + "\" (expected: your own Java package, such as org.example.udf)");
        }
        this.name = name;
        this.packageName = packageName;
        this.wants = wants;
        this.className = className(name);
    }

    /**
     * Returns the name of the function's class: {@code MovingAvg} for {@code movingAvg} or {@code moving_avg}. If the
     * class would hide another one, its name has a suffix.
     */
    static String className(String name) {
        StringBuilder words = new StringBuilder();
        for (String word : name.split("_")) {
            if (!word.isEmpty()) {
                words.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
            }
        }
        String type = words.toString();
        boolean taken =
                NAMES_IN_SIGHT.contains(type) || PACKAGES_IN_SIGHT.stream().anyMatch(known -> exists(known + type));
        return taken ? type + "Function" : type;
    }

    private static boolean exists(String type) {
        try {
            Class.forName(type, false, NewProject.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Creates the project.
     *
     * @throws CommandException if that fails; the message has the reason
     */
    public void writeTo(Path directory) {
        checkNew(directory);
        Map<String, String> values = values();
        String path = packageName.replace('.', '/');
        String kind = wants == EdgeType.BATCH ? "batch" : "stream";
        Map<String, String> files = new LinkedHashMap<>();
        files.put("pom.xml", fill(template("pom.xml"), values));
        files.put("README.md", fill(template("README.md"), values));
        files.put(".gitignore", template("gitignore"));
        files.put(".mvn/maven.config", template("maven.config"));
        files.put("kapacitor.conf", conf(directory));
        files.put("src/test/resources/logback-test.xml", template("logback-test.xml"));
        files.put("src/main/java/" + path + "/" + className + ".java", fill(template(kind + ".java"), values));
        files.put("src/main/resources/META-INF/services/org.kapacitorudf.Udf", fill(template("services"), values));
        files.put("src/main/resources/" + path + "/" + name + ".tick", fill(template(kind + ".tick"), values));
        files.put("src/test/java/" + path + "/" + className + "Test.java", fill(template(kind + "-test.java"), values));
        try {
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path target = directory.resolve(file.getKey());
                Files.createDirectories(target.getParent());
                Files.writeString(target, file.getValue());
            }
        } catch (IOException e) {
            throw new CommandException(
                    ExitStatus.USAGE,
                    "dir: " + directory + " (expected: a place where a directory can be created): " + e);
        }
    }

    private static void checkNew(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new CommandException(
                    ExitStatus.USAGE, "dir: " + directory + " is a file (expected: a new directory)");
        }
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                throw new CommandException(
                        ExitStatus.USAGE,
                        "dir: " + directory + " is not empty (expected: a new directory, or an empty one)");
            }
        } catch (IOException e) {
            throw new CommandException(
                    ExitStatus.USAGE, "dir: " + directory + " (expected: a readable directory): " + e);
        }
    }

    private Map<String, String> values() {
        Path repository = Installation.home().resolve("repository");
        if (!Files.isDirectory(repository)) {
            throw new CommandException(
                    ExitStatus.INTERNAL_ERROR,
                    "repository: " + repository
                            + " (expected: the libraries for Maven, which scripts/build puts there)");
        }
        Map<String, String> values = new LinkedHashMap<>();
        Properties versions = new Properties();
        try {
            versions.load(new StringReader(template("versions.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        versions.forEach((key, value) -> values.put(key.toString(), value.toString()));
        values.put("name", name);
        values.put("Name", className);
        values.put("package", packageName);
        values.put("path", packageName.replace('.', '/'));
        values.put(
                "artifact",
                name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT));
        values.put(
                "repository",
                repository.toUri().toString().replaceFirst("/$", "").replace("&", "&amp;"));
        values.put("launcher", Installation.launcher());
        return values;
    }

    /**
     * Returns the configuration for Kapacitor: a section that runs the function as a process, and a commented-out
     * section that uses a socket.
     */
    private String conf(Path directory) {
        Map<String, String> environment = new LinkedHashMap<>(Installation.environment());
        environment.put(
                PlugInPath.VARIABLE,
                directory.toAbsolutePath().normalize().resolve("target").toString());
        return KapacitorConf.process(name, Installation.launcher(), environment)
                + "\n# Or on a socket, for kapacitor-udf serve " + name + " --plugins target --dir /tmp/udf:\n"
                + KapacitorConf.socket(name, SocketPaths.in(Path.of("/tmp/udf"), name))
                        .replaceAll("(?m)^", "# ")
                        .replaceFirst("# $", "");
    }

    private static String fill(String template, Map<String, String> values) {
        return PLACEHOLDER.matcher(template).replaceAll(found -> {
            String value = values.get(found.group(1));
            return Matcher.quoteReplacement(value == null ? found.group() : value);
        });
    }

    private static String template(String file) {
        try (InputStream in = NewProject.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
