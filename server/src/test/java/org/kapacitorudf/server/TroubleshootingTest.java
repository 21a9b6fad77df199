package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.tasks.KapacitorStandIn;
import org.kapacitorudf.server.terminal.Terminal;

/** {@code doctor} finds what docs/troubleshooting.md says that it finds. */
@Timeout(600)
@Tag("one-jdk")
class TroubleshootingTest {
    private static final Path PAGE =
            Path.of(System.getProperty("kapacitor-udf.scripts"), "..", "docs", "troubleshooting.md");

    /** Checks of what a JVM cannot have in a test: a system without UTF-8, without space, and with low limits. */
    private static final Set<String> OF_THE_MACHINE = Set.of("locale", "file descriptors", "threads", "/tmp");

    private static final String GENERAL_CURE_OF_TASKS = "see docs/troubleshooting.md";
    private static final String GENERAL_CURE_OF_PROCESSES = "print only the protocol";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    /**
     * What the page has about one problem: a row of a table, or a section.
     *
     * @param key the first cell, or the heading
     * @param text all cells, or nothing
     * @param doctor the name of the check in backticks, with a condition or not; or {@code no} and the reason
     */
    private record Entry(String section, String key, String text, String doctor) {
        String check() {
            return doctor.startsWith("`") ? spans(doctor).get(0) : "";
        }

        /** The texts of the row that are printed: those of errors if there are any, or those of its first cell. */
        List<String> printed() {
            List<String> errors = spans(text).stream()
                    .filter(span -> span.startsWith("Error: "))
                    .map(span -> span.substring("Error: ".length()))
                    .toList();
            return errors.isEmpty() ? spans(key) : errors;
        }

        private static List<String> spans(String text) {
            return Pattern.compile("`([^`]+)`")
                    .matcher(text)
                    .results()
                    .map((MatchResult match) -> match.group(1).replace("\\|", "|"))
                    .toList();
        }

        @Override
        public String toString() {
            return section + ": " + key;
        }
    }

    private static List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        String section = "";
        String heading = "";
        boolean hasColumn = false;
        boolean isCovered = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("#")) {
                heading = line.replaceFirst("#+ ", "");
                section = line.startsWith("## ") ? heading : section;
                isCovered = false;
            } else if (line.startsWith("`doctor`: ")) {
                entries.add(new Entry(section, heading, "", line.substring("`doctor`: ".length())));
                isCovered = true;
            } else if (line.startsWith("| ") && !line.startsWith("| --- ")) {
                List<String> cells = Arrays.stream(line.split("(?<!\\\\)\\|"))
                        .map(String::strip)
                        .toList();
                String last = cells.get(cells.size() - 1);
                if (last.equals("`doctor`")) {
                    hasColumn = true;
                } else if (hasColumn) {
                    entries.add(new Entry(section, cells.get(1), line, last));
                } else {
                    assertThat(isCovered)
                            .as("a column `doctor`, or a line for the section: " + line)
                            .isTrue();
                }
            } else if (line.isEmpty()) {
                hasColumn = false;
            }
        }
        return entries;
    }

    @Test
    void eachProblemHasACheckOrAReason() throws IOException {
        assertThat(entries())
                .hasSizeGreaterThan(70)
                .allSatisfy(entry -> assertThat(entry.doctor()).matches("`[^`]+`(; .{10,})?|no[:,] .{10,}"));
    }

    static Stream<Entry> found() throws IOException {
        return entries().stream().filter(entry -> !entry.check().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("found")
    void doctorFinds(Entry entry) throws Exception {
        assumeFalse(OF_THE_MACHINE.contains(entry.check()), "a machine is needed that is in this state");
        Problem problem = problems().entrySet().stream()
                .filter(some -> isOf(some.getKey(), entry))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> problemOf(entry));
        assertThat(problem).as("a problem to try it with").isNotNull();
        problem.make();
        assertThat(out())
                .containsPattern("(?m)^(bad  |warn ) [^:]*" + Pattern.quote(entry.check()) + ".*\\R      fix: .+");
    }

    @Test
    void noProblemIsWithoutAnEntry() throws IOException {
        Set<String> unused = new HashSet<>(problems().keySet());
        found().forEach(entry -> unused.removeIf(key -> isOf(key, entry)));
        assertThat(unused).isEmpty();
    }

    /** Two sections have entries that begin alike. */
    private static boolean isOf(String beginning, Entry entry) {
        return entry.key().startsWith(beginning) || entry.toString().startsWith(beginning);
    }

    private interface Problem {
        void make() throws Exception;
    }

    private Problem problemOf(Entry entry) {
        return switch (entry.check()) {
            case "task" -> () -> tasksEnd(entry.printed());
            case "kapacitor.conf" -> () -> processesPrint(entry.printed());
            case "socket" -> () -> doctor(config(""), KapacitorConf.socket("mirror", directory.resolve("none.sock")));
            default -> null;
        };
    }

    /** The problems that an entry does not describe by a text alone, by the beginning of its first cell. */
    private Map<String, Problem> problems() {
        Map<String, Problem> problems = new LinkedHashMap<>();
        problems.put("**a call hangs**", () -> node("\"pointsIn\":3,\"call\":{\"method\":\"point\",\"seconds\":12.5}"));
        problems.put(
                "**an exception on some points, with `--on-error skip`**",
                () -> node("\"pointsIn\":5,\"pointsOut\":3,\"skipped\":2"));
        problems.put("`point skipped: ", () -> node("\"pointsIn\":5,\"pointsOut\":3,\"skipped\":2"));
        problems.put("`stream0 -> from1 ", () -> node("\"pointsIn\":0"));
        problems.put("`from1 -> movingAvg2 ", () -> node("\"pointsIn\":3,\"pointsOut\":0"));
        problems.put("`field \"avg\": NaN ", () -> node("\"pointsIn\":3,\"pointsOut\":3,\"nonFinite\":1"));
        problems.put("`snapshot failed, ", () -> node("\"pointsIn\":3,\"pointsOut\":3,\"failedSnapshots\":1"));
        problems.put(
                "`... failed to initialize processes boom",
                () -> tasksEnd(List.of(
                        "boom2: failed to initialize processes boom: model: /nowhere/model.bin (expected: a file)")));
        problems.put("After the server was restarted", () -> tasksEnd(List.of("mirror2: write: broken pipe")));
        problems.put("**a jar cannot be read**", () -> {
            plugIns("broken.jar", "no jar");
            assertThat(out()).contains("bad   plug-in: broken.jar: cannot be read as a jar");
            processesPrint(
                    List.of("kapacitor-udf: ignored: broken.jar: cannot be read as a jar: zip END header not found"
                            + "; function: npe (expected: one of mirror)"));
            assertThat(out()).contains("fix: copy or build broken.jar again");
        });
        problems.put("`plug-in ...: needs ", this::plugInThatLacksALibrary);
        problems.put("**the plug-in directory is missing**", () -> {
            doctor(config("plugins = [\"/nowhere\"]"), "");
            assertThat(out()).contains("bad   plug-ins: /nowhere (expected: a readable directory)");
            processesPrint(List.of("kapacitor-udf: plugins: /nowhere (expected: a readable directory): "
                    + "java.nio.file.NoSuchFileException: /nowhere"));
        });
        problems.put(
                "**the function's name or an option of `run` is wrong**", () -> process(launcher(""), "run", "miror"));
        problems.put("**the disk is full**", () -> doctor("dir = \"/proc\"\n", ""));
        problems.put("`dir: ...: Read-only file system`", () -> doctor("dir = \"/proc\"\n", ""));
        problems.put(
                "`dir: /run/kapacitor-udf ",
                () -> doctor("dir = \"" + Files.createFile(directory.resolve("file")) + "\"\n", ""));
        problems.put("`fork/exec /opt/...: no such file", () -> process(script("#!/no/such/interpreter\n")));
        problems.put("`fork/exec /opt/...: permission denied`, ", () -> {
            process(script("no program\n"));
            Path closed = script("#!/bin/sh\n");
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rw-r--r--"));
            process(closed);
            assertThat(out()).contains("not executable");
        });
        problems.put(
                "Kapacitor does not start: `write error: write \\|1: broken pipe`",
                () -> process(script("#!/bin/sh\nexit 1\n")));
        problems.put(
                "`invalid configuration: udf: UDF movingAvg: timeout is too small",
                () -> doctor(
                        config(""), "[udf.functions.mirror]\nsocket = \"" + directory.resolve("mirror.sock") + "\"\n"));
        problems.put(
                "`invalid configuration: udf: UDF movingAvg: must set",
                () -> doctor(config(""), "[udf.functions.mirror]\ntimeout = \"10s\"\n"));
        problems.put("`socket file: /tmp/file.sock is not a socket", () -> {
            Files.createFile(directory.resolve("mirror.sock"));
            doctor(config(""), KapacitorConf.socket("mirror", directory.resolve("mirror.sock")));
        });
        problems.put("`socket group: ", () -> doctor(config("socket-group = \"no-such-group\""), ""));
        problems.put("`socket: ", () -> doctor(config("[sockets]\nmirror = \"/tmp/a\"\nmovingAvg = \"/tmp/a\""), ""));
        problems.put("`socket path: ", () -> doctor(config(""), KapacitorConf.socket("mirror", longPath())));
        problems.put("Kapacitor hangs", () -> doctor(config("kapacitor = \"http://127.0.0.1:1\""), ""));
        return problems;
    }

    private Path longPath() {
        return directory.resolve("x".repeat(100));
    }

    private String config(String line) {
        return "names = [\"mirror\"]\ndir = \"" + directory + "\"\n" + line + "\n";
    }

    /** @param conf kapacitor.conf; empty for one with another agent's function alone */
    private void doctor(String config, String conf) throws IOException {
        out.reset();
        Path configFile = Files.writeString(directory.resolve("c.toml"), config);
        Path confFile = Files.writeString(directory.resolve("kapacitor.conf"), conf);
        Main.execute(
                new Terminal(out, new ByteArrayOutputStream(), "", false),
                new String[] {"doctor", "--config", configFile.toString(), "--kapacitor-conf", confFile.toString()});
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private void tasksEnd(List<String> errors) throws IOException {
        assertThat(errors).isNotEmpty();
        for (String error : errors) {
            try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
                api.task("ill", Instant.now(), "mirror");
                api.set("ill", "executing", false);
                api.set("ill", "error", error);
                doctor(config("kapacitor = \"" + api.url() + "\""), "");
            }
            assertThat(out()).contains("bad   task ill: " + error).doesNotContain(GENERAL_CURE_OF_TASKS);
        }
    }

    private void processesPrint(List<String> texts) throws IOException {
        assertThat(texts).isNotEmpty();
        for (String text : texts) {
            process(script("#!/bin/sh\ncat >&2 <<'END'\n" + text + "\nEND\nexit 1\n"));
            assertThat(out()).contains(text).doesNotContain(GENERAL_CURE_OF_PROCESSES);
        }
    }

    private void process(Path prog, String... args) throws IOException {
        StringBuilder conf = new StringBuilder("[udf.functions.mirror]\nprog = \"" + prog + "\"\nargs = [");
        for (String arg : args) {
            conf.append('"').append(arg).append("\", ");
        }
        doctor(config(""), conf + "]\ntimeout = \"60s\"\n");
    }

    private Path launcher(String text) throws IOException {
        return executable(directory.resolve("kapacitor-udf"), text);
    }

    private Path script(String text) throws IOException {
        return executable(Files.createTempFile(directory, "prog", ""), text);
    }

    private static Path executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private void plugIns(String file, String text) throws IOException {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        Files.writeString(plugIns.resolve(file), text);
        doctor(config("plugins = [\"" + plugIns + "\"]"), "");
    }

    private void plugInThatLacksALibrary() throws IOException {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        PlugInJars.of(Map.of(
                        "Late", """
                        import org.kapacitorudf.*; import org.kapacitorudf.agent.*;
                        public final class Late implements Udf {
                            public Description describe() { return Description.stream("late", ""); }
                            public Handler create(Context context) {
                                return (point, output) -> output.point(point.withFields(Fields.of("is", Lib.is())));
                            }
                        }
                        """,
                        "Lib", "class Lib { static double is() { return 0; } }"))
                .naming("Late")
                .without("Lib.class")
                .to(plugIns, "late.jar");
        doctor(config("plugins = [\"" + plugIns + "\"]"), "");
        assertThat(out()).contains("late.jar: late: needs Lib");
    }

    /** A server whose status has one node. */
    private void node(String facts) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/status.json", exchange -> {
            byte[] body = ("{\"hindrances\":[],\"connections\":1,\"nodes\":[{\"task\":\"t\",\"node\":\"mirror2\","
                            + facts + "}]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            doctor(config("metrics = " + server.getAddress().getPort()), "");
        } finally {
            server.stop(0);
        }
        assertThat(out()).contains(" node t/mirror2: ");
    }
}
