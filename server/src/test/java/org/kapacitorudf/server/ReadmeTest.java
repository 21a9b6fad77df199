package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.terminal.DroppingOutput;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.LineLimit;
import picocli.CommandLine.Model.CommandSpec;

/** The README and the documents agree with the code. */
@Tag("one-jdk")
class ReadmeTest {
    private static final Path ROOT = Path.of(System.getProperty("kapacitor-udf.scripts"), "..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^):#]*)(?:#([^)]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** The name of a test is a sentence. */
    private static final Pattern TEST = Pattern.compile("`([a-z][A-Za-z]{25,})`");

    private final String readme = read("README.md");

    @Test
    void theFunctionIsTheOneThatIsInstalled() {
        assertThat(readme)
                .contains(
                        block("java", classIn("examples/src/main/java/org/kapacitorudf/examples/MovingAverage.java")));
    }

    @Test
    void theProgramIsTheOneThatIsTested() {
        assertThat(read("docs/plugins.md"))
                .contains(block(
                        "java Embedding.java",
                        classIn("examples/src/test/java/org/kapacitorudf/examples/Embedding.java")));
    }

    @Test
    void theTestIsOneThatRuns() {
        assertThat(readme)
                .contains(block("java", classIn("examples/src/test/java/org/kapacitorudf/examples/FirstTest.java")));
    }

    @Test
    void theTickscriptIsTheFunctionsOwn() {
        assertThat(read("docs/kapacitor.md"))
                .contains(block("", read("examples/src/main/resources/org/kapacitorudf/examples/movingAvg.tick")));
    }

    @Test
    void theConfigurationIsWhatConfigPrints() {
        String launcher = "/opt/kapacitor-udf/scripts/kapacitor-udf";
        assertThat(read("docs/kapacitor.md"))
                .contains(block("toml", KapacitorConf.process("movingAvg", launcher, Map.of())))
                .contains(block(
                        "toml",
                        KapacitorConf.socket(
                                "movingAvg", SocketPaths.in(Path.of(SocketPaths.DEFAULT_DIR), "movingAvg"))));
    }

    @Test
    void everyLimitIsInTheReferenceWithItsDefault() {
        Stream<String> settings = Arrays.stream(AgentOption.values())
                .map(agentOption -> row(agentOption.option(), agentOption.help(), defaultOf(agentOption)));
        Stream<String> others = Stream.of(
                row(
                        HostOptions.GRACE,
                        "How long connections may take to end after SIGTERM or SIGINT.",
                        Quantities.duration(HostOptions.DEFAULT_GRACE)),
                row(
                        LogOptions.MAX_LINES,
                        "The maximum number of lines that a task's node may log within 10 seconds; further lines are counted.",
                        Logging.DEFAULT_MAX_LINES + ""),
                row(
                        LogOptions.MAX_LINE_BYTES,
                        "The maximum length of a line on STDERR; longer lines are cut.",
                        Quantities.bytes(LineLimit.DEFAULT_BYTES)),
                row(
                        LogOptions.BUFFER_BYTES,
                        LogOptions.BUFFER_BYTES_HELP,
                        Quantities.bytes(DroppingOutput.DEFAULT_BUFFER_BYTES)));
        List<String> rows = read("docs/reference.md")
                .lines()
                .filter(line -> line.startsWith("| `--"))
                .map(line -> line.replaceFirst(" [^`]*` \\|", "` |"))
                .toList();
        Stream<String> ops = CommandSpec.forAnnotatedObject(new OpsOptions()).options().stream()
                .map(option -> "| `" + option.longestName() + "` | " + Reference.description(option)[0] + " |");
        assertThat(rows)
                .containsAll(Stream.concat(Stream.concat(settings, others), ops).toList());
    }

    /** The default in the reference, after the help; options whose default cannot be shown describe it in the help. */
    private static String defaultOf(AgentOption agentOption) {
        return switch (agentOption) {
            case TOTAL_READ_AHEAD_BYTES, SEED_DIR -> "";
            default -> agentOption.show(AgentConfig.defaults());
        };
    }

    @Test
    void everyOptionForTasksIsInTheTable() {
        List<String> rows = CommandSpec.forAnnotatedObject(new TaskOptions()).options().stream()
                .map(option -> "| `" + (option.longestName() + " " + option.paramLabel()).replaceAll(" <.*", "")
                        + "` | " + Reference.description(option)[0] + " |")
                .toList();
        assertThat(tableAfter(read("docs/restarts.md"), "| option | what |")).containsExactlyInAnyOrderElementsOf(rows);
    }

    @Test
    void everyExitStatusIsInTheTable() {
        assertThat(tableAfter(read("docs/reference.md"), "| status | meaning |"))
                .containsExactlyElementsOf(Arrays.stream(ExitStatus.values())
                        .map(status -> "| " + status.code() + " | " + status.meaning() + " |")
                        .toList());
    }

    static Stream<String> documents() throws IOException {
        return Stream.concat(Stream.of("README.md"), Docs.all().stream().map(docs -> "docs/" + docs.name()));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(String file) {
        for (MatchResult link : LINK.matcher(read(file)).results().toList()) {
            Path target = link.group(1).isEmpty()
                    ? ROOT.resolve(file)
                    : ROOT.resolve(file).resolveSibling(link.group(1));
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(anchors(target)).as(link.group()).contains(link.group(2));
            }
        }
    }

    /** The headings of a document, as anchors of links. */
    private static Stream<String> anchors(Path document) {
        return HEADING.matcher(read(ROOT.relativize(document).toString()))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w -]", "")
                        .replace(' ', '-'));
    }

    @Test
    void theTestsOfFailuresExist() throws IOException {
        Path contract = ROOT.resolve("it/src/test/java/org/kapacitorudf/contract");
        String tests;
        try (Stream<Path> files = Files.list(contract)) {
            tests = Stream.concat(
                            files,
                            Stream.of(
                                    ROOT.resolve(
                                            "testkit/src/test/java/org/kapacitorudf/testkit/UdfDriverTimeTest.java"),
                                    ROOT.resolve(
                                            "agent/src/test/java/org/kapacitorudf/internal/session/SessionTest.java"),
                                    ROOT.resolve(
                                            "agent/src/test/java/org/kapacitorudf/internal/session/WorkersTest.java"),
                                    ROOT.resolve("server/src/test/java/org/kapacitorudf/server/ServeTest.java")))
                    .map(file -> read(ROOT.relativize(file).toString()))
                    .collect(Collectors.joining());
        }
        assertThat(TEST.matcher(read("docs/tests.md")).results().map(test -> test.group(1)))
                .hasSizeGreaterThan(15)
                .allSatisfy(test -> assertThat(tests).contains(" void " + test + "("));
    }

    private static String row(String option, String help, String value) {
        return "| `" + option + "` | " + help.replace("|", "\\|") + (value.isEmpty() ? "" : " Default: " + value + ".")
                + " |";
    }

    private static List<String> tableAfter(String document, String head) {
        List<String> lines = document.lines().toList();
        return lines.stream()
                .skip(lines.indexOf(head) + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    private static String block(String language, String text) {
        return "\n```" + language + "\n" + text + "```\n";
    }

    private static String classIn(String file) {
        String source = read(file);
        return source.substring(source.indexOf("\npublic final class") + 1);
    }

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
