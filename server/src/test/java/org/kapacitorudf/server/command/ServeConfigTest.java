package org.kapacitorudf.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.server.Main;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;

/** The file of {@code serve --config}. */
class ServeConfigTest {
    private static final Path TEMPLATE =
            Path.of(System.getProperty("kapacitor-udf.scripts"), "../ops/kapacitor-udf.toml");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(out, err, "", false);
    private final CommandLine commandLine = KapacitorUdf.commandLine(terminal);

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("f.toml"), text);
    }

    private List<String> arguments(String text, String... typed) throws IOException {
        Path file = file(text);
        String[] line = new String[typed.length + 3];
        line[0] = "serve";
        line[1] = "--config";
        line[2] = file.toString();
        System.arraycopy(typed, 0, line, 3, typed.length);
        List<String> all =
                List.of(ServeArguments.of(commandLine, line).orElseThrow().withFile());
        return all.subList(1, all.size() - line.length + 1);
    }

    @Test
    void aKeyIsAnOption() throws IOException {
        assertThat(arguments("""
                        names = ["mirror", "movingAvg"]
                        max-connections = 100
                        max-frame-bytes = "1MiB"
                        metrics = "127.0.0.1:9274"
                        take-over = true
                        reload-mixed-tasks = false
                        kapacitor = "http://127.0.0.1:9092"
                        plugins = ["/a", "/b"]
                        on-error = "restart"
                        [sockets]
                        mirror = "/run/mirror.sock"
                        [functions.movingAvg]
                        on-error = "skip"
                        trace = true
                        """))
                .containsExactly(
                        "mirror",
                        "movingAvg",
                        "--max-connections=100",
                        "--max-frame-bytes=1MiB",
                        "--metrics=127.0.0.1:9274",
                        "--take-over",
                        "--kapacitor=http://127.0.0.1:9092",
                        "--plugins=/a",
                        "--plugins=/b",
                        "--on-error=restart",
                        "--socket=mirror=/run/mirror.sock",
                        "--on-error=movingAvg=skip",
                        "--trace=movingAvg");
    }

    @Test
    void whatIsTypedTakesThePlaceOfWhatTheFileSays() throws IOException {
        String text = """
                names = ["mirror"]
                max-connections = 100
                grace = "1s"
                take-over = true
                plugins = ["/a"]
                [functions.mirror]
                on-error = "skip"
                """;
        assertThat(arguments(text, "movingAvg", "--max-connections", "7", "--plugins=/b", "--on-error=restart"))
                .containsExactly("--grace=1s", "--take-over");
        assertThat(arguments(text, "--take-over", "--grace", "2s"))
                .containsExactly("mirror", "--max-connections=100", "--plugins=/a", "--on-error=mirror=skip");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-conections = 1|1:1: max-conections: unknown key (expected: the name of an option of serve); did you mean max-connections?",
                "#\\n\\ngrace = 'soon'|3:1: grace: soon (expected: a duration: 500ms, 10s, 1h30m, 1w)",
                "grace = ['1s', '2s']|1:1: grace: an array (expected: one value)",
                "max-connections = 'many'|1:1: max-connections: many (expected: a number)",
                "max-metrics-nodes = 0|1:1: max-metrics-nodes: 0 (expected: >= 1)",
                "max-metrics-nodes = 'x'|1:1: max-metrics-nodes: x (expected: a number)",
                "socket-mode = 'rw'|1:1: socket-mode: rw (expected: 0660)",
                "take-over = 'yes'|1:1: take-over: \"yes\" (expected: true or false)",
                "take-over = 1|1:1: take-over: 1 (expected: true or false)",
                "log-level = 'loud'|1:1: log-level: loud (expected: off|error|warn|info|debug|trace)",
                "max-log-lines = 0|1:1: max-log-lines: 0 (expected: >= 1)",
                "metrics = true|1:1: metrics: true (expected: a string or a number)",
                "metrics = 'x'|1:1: metrics: x (expected: PORT, HOST:PORT or [IPV6]:PORT)",
                "kapacitor = 'ftp://x'|1:1: kapacitor: ",
                "sockets = 1|1:1: sockets: 1 (expected: a table, NAME = \"PATH\")",
                "functions = 1|1:1: functions: 1 (expected: a table, [functions.NAME])",
                "[functions.mirror]\\n\\n  on-eror = 'skip'|3:3: functions.mirror.on-eror: unknown key (expected: on-error or trace); did you mean on-error?",
                "functions.mirror = { trace = true, on-error = 'no' }|1:36: functions.mirror.on-error: no (expected: declared|fail|skip|restart)",
                "plugins = [\\n'/a',\\n1.5,\\ntrue\\n]\\ngrace = 1|1:1: plugins: true (expected: a string or a number)",
                "config = '/other'|1:1: config: unknown key",
                "help = true|1:1: help: unknown key",
                "socket = 'mirror=/x'|1:1: socket: unknown key (expected: the name of an option of serve)"
            })
    void whatIsWrongIsSaidWithItsPlace(String text, String problem) throws IOException {
        Path file = file(text.replace("\\n", "\n") + "\n");
        ServeConfig config = ServeConfig.read(file, spec());
        assertThat(config.problems().get(0)).startsWith(file + ":" + problem);
    }

    @Test
    void allThatIsWrongIsSaidAndNothingIsObeyed() throws IOException {
        LogLevel before = Logging.level();
        Path file = file("log-level = 'debug'\nmax-frame-bytes = 'x'\nlog-levl = 1\nrun = 1\n");
        assertThatThrownBy(() -> arguments(Files.readString(file)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(":2:1: max-frame-bytes: ")
                .hasMessageContaining(":3:1: log-levl: ")
                .hasMessageContaining(":4:1: run: ");
        assertThat(Logging.level()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a = 1\\na = 2|2:1: Duplicate key", "a =|1:", "\\n[x|2:", "a = 'x|1:"})
    void whatIsNotTomlIsSaidWithItsPlace(String text, String problem) throws IOException {
        Path file = file(text.replace("\\n", "\n") + "\n");
        assertThatThrownBy(() -> TomlFile.read(file)).hasMessageStartingWith(file + ":" + problem);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path nowhere = directory.resolve("nowhere");
        assertThat(execute("serve", "--config", nowhere.toString())).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).startsWith("kapacitor-udf: " + nowhere + " (expected: a file that can be read): ");
    }

    @Test
    void aFileIsCheckedWithoutAServer() throws IOException {
        Path file = file("dir = \"/run/x\"\n[functions.movingAvg]\non-error = \"skip\"\n");
        assertThat(execute("serve", "--check-config", file.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(file + ": ok\n");
        file("names = [\"movinAvg\"]\n\n[functions.mirro]\ntrace = true\n");
        assertThat(execute("serve", "--check-config=" + file)).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err().lines())
                .satisfiesExactly(
                        name -> assertThat(name)
                                .startsWith(file + ":1:1: movinAvg (expected: one of baseline, ")
                                .endsWith("); did you mean movingAvg?"),
                        table -> assertThat(table)
                                .startsWith(file + ":4:1: mirro (expected: one of baseline, ")
                                .endsWith("); did you mean mirror?"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kapacitor-timeout = '1s'|--kapacitor",
                "names = ['mirror']\\ntrace = 'movingAvg'|--trace: movingAvg (expected: one of mirror)",
                "sockets = { mirror = '/run/a', movingAvg = '/run/x/../a' }|socket: /run/a, of mirror and movingAvg (expected: one function for each path)",
                "dir = '/run'\\nsockets = { mirror = '/run/movingAvg.sock' }|socket: /run/movingAvg.sock, of mirror and movingAvg (expected: one "
            })
    void whatDoesNotFitTogetherIsSaidToo(String text, String problem) throws IOException {
        Path file = file(text.replace("\\n", "\n"));
        assertThat(execute("serve", "--check-config", file.toString())).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).contains(problem);
    }

    @Test
    void everyLineOfTheTemplateIsTakenWhenItIsNoCommentAnyMore() throws IOException {
        String all = Files.readString(TEMPLATE).replaceAll("(?m)^#(?=[\\w\\[])", "");
        ServeConfig config = ServeConfig.read(file(all), spec());
        assertThat(config.problems())
                .filteredOn(problem -> !problem.contains("/etc/kapacitor-udf/"))
                .isEmpty();
        for (String key : ServeConfig.optionKeys(spec())) {
            assertThat(all).containsPattern("(?m)^" + key + " = ");
        }
    }

    private int execute(String... line) {
        return Main.execute(terminal, line);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private CommandLine.Model.CommandSpec spec() {
        return commandLine.getSubcommands().get("serve").getCommandSpec();
    }
}
