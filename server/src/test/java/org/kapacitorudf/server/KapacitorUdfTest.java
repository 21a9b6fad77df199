package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.tasks.KapacitorStandIn;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;

class KapacitorUdfTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void listNamesTheFunctions() {
        assertThat(execute("list")).isZero();
        assertThat(out().lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .contains(
                        "mirror  stream -> stream  returns every point unchanged",
                        "movingAvg  stream -> stream  mean of the last <size> values of a field, per group",
                        "outliers  batch -> batch  the points of each batch that lie outside Tukey's fences");
        assertThat(err()).isEmpty();
    }

    @Test
    void describeShowsAFunction() {
        assertThat(execute("describe outliers")).isZero();
        assertThat(out()).startsWith("outliers: ").contains("@outliers()");
    }

    @Test
    void configNamesTheSocketsOfServe() {
        assertThat(execute("config --socket --dir /srv")).isZero();
        assertThat(out())
                .contains(
                        "socket = \"/srv/mirror.sock\"",
                        "socket = \"/srv/movingAvg.sock\"",
                        "socket = \"/srv/outliers.sock\"");
    }

    @Test
    void configNamesTheProcesses() {
        assertThat(execute("config mirror")).isZero();
        assertThat(out()).startsWith("[udf.functions.mirror]\n    prog = ").doesNotContain("outliers");
    }

    @Test
    void callDoesWithAValueThatIsNotFiniteWhatItIsTold(@TempDir Path directory) throws Exception {
        PlugInJars.function("Ratio", "ratio", "0.0 / 0").to(directory, "ratio.jar");
        String call =
                "call ratio --plugins " + directory + " " + Files.writeString(directory.resolve("input"), "m v=1 0\n");
        for (String options : List.of("", " --non-finite drop")) {
            assertThat(execute(call + options)).isZero();
            assertThat(out()).isEmpty();
            assertThat(err()).contains("values were not finite: see --non-finite\n");
        }
        assertThat(execute(call + " --non-finite keep")).isZero();
        assertThat(out()).isEqualTo("m is=NaN 0\n");
        assertThat(execute(call + " --non-finite fail")).isEqualTo(ExitStatus.FAILED.code());
        assertThat(err()).contains("point: field \"is\": NaN (expected: a finite number)");
        assertThat(execute(call + " --non-finite some")).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).contains("--non-finite: some (expected: declared|keep|drop|fail)");
    }

    @Test
    void versionNamesTheJvm() {
        assertThat(execute("--version")).isZero();
        assertThat(out()).startsWith("kapacitor-udf ").contains("Java " + Runtime.version());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run ",
                "serve ",
                "list ",
                "describe ",
                "config ",
                "doctor ",
                "call ",
                "demo ",
                "bench ",
                "check ",
                "ping ",
                "record ",
                "replay ",
                "show ",
                "snapshot ",
                "snapshot show ",
                "new ",
                "completion "
            })
    void helpTeaches(String command) {
        assertThat(execute(command + "--help")).isZero();
        assertThat(out()).startsWith("Usage: kapacitor-udf " + command).contains("--log-level");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run --help", "serve --help"})
    void helpHasEveryLimitAndEveryStatus(String line) {
        execute(line);
        for (AgentOption agentOption : AgentOption.values()) {
            assertThat(out()).contains(agentOption.option() + "=" + agentOption.label());
        }
        for (ExitStatus status : ExitStatus.values()) {
            assertThat(out())
                    .containsPattern(
                            "\n +" + status.code() + " +" + status.meaning().substring(0, 20));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                             | command: missing (expected: one of run, serve, list, describe, config, doctor, call, telegraf, tasks, demo, bench, check, ping, record, replay, show, snapshot, new, completion)",
                "serv                           | Did you mean: kapacitor-udf serve?",
                "run                            | Missing required parameter: 'NAME'",
                "run mirror --nosuch            | Unknown option: '--nosuch'",
                "run mirror --call-limit abc    | --call-limit: abc (expected: a duration: 500ms, 10s, 1h30m, 1w)",
                "run mirror --call-limit 0s     | --call-limit: callLimit: PT0S (expected: > 0 and <= PT8760H)",
                "run mirror --on-error=x        | --on-error: x (expected: declared|fail|skip|restart)",
                "run mirror --on-error mirror=x | --on-error: x (expected: declared|fail|skip|restart)",
                "run mirror --on-error mirr=skip| --on-error: mirr=... (expected: one of mirror)",
                "serve mirror --on-error movingAvg=skip | --on-error: movingAvg=... (expected: one of mirror)",
                "run mirror --trace mirr        | --trace: mirr (expected: one of mirror)",
                "serve mirror --trace movingAvg | --trace: movingAvg (expected: one of mirror)",
                "ping                           | Missing required parameter: 'PATH'",
                "ping s --timeout x             | --timeout: x (expected: a duration: 500ms, 10s, 1h30m, 1w)",
                "record                         | subject: missing (expected: a command, or --socket and --to)",
                "record --socket s              | subject: missing (expected: a command, or --socket and --to)",
                "record --socket s --to t cat   | subject: a command and a socket (expected: ",
                "record --max-bytes x cat       | --max-bytes: x (expected: a number of bytes: 65536, 64KiB, 1MiB)",
                "replay                         | Missing required parameter: 'FILE'",
                "replay f                       | agent: none (expected: --socket PATH, --function NAME, or -- COMMAND)",
                "replay f --socket s -- cat     | agent: several (expected: ",
                "replay f --differences 0       | --differences: 0 (expected: >= 1)",
                "show                           | Missing required parameter: 'FILE'",
                "show f --lines --answer-lines  | --lines, --answer-lines are mutually exclusive",
                "run mirror --grace x           | --grace: x (expected: a duration: 500ms, 10s, 1h30m, 1w)",
                "list --log-level loud          | --log-level: loud (expected: off|error|warn|info|debug|trace)",
                "list --max-log-line-bytes 1MiB | --max-log-line-bytes: maxLogLineBytes: 1048576 (expected: 64 to 32768)",
                "serve --socket mirror          | --socket: mirror (expected: NAME=PATH)",
                "serve --socket mirror=/        | --socket: mirror=/ (expected: NAME=PATH, with the name of a file)",
                "serve --socket-mode 9          | --socket-mode: 9 (expected: 0660)",
                "bench                          | Missing required parameter: 'SUBJECT'",
                "bench mirror --measure speed   | --measure: speed (expected: throughput|latency|start|idle)",
                "bench mirror --runs 0          | runs: 0 (expected: >= 1)",
                "bench mirror --chunk x         | --chunk: x (expected: ",
                "bench mirror --answers some    | --answers: some (expected: all|any)",
                "bench listen:./agent           | command: ./agent (expected: one with {socket})",
                "bench go=                      | subject: go= (expected: a function, or [NAME=]socket:PATH",
                "snapshot                       | command: missing (expected: one of show)",
                "snapshot show                  | Missing required parameter: 'FILE'",
                "snapshot show f --groups x     | --groups: x (expected: a number)",
                "snapshot show f --offset 4GiB  | --offset: 4GiB (expected: less than 2GiB)",
                "call                           | Missing required parameter: 'NAME'",
                "call outliers                  | outliers takes batches (expected: --window 10s, or --batch 100; --group-by TAG ",
                "call mirror --window 10s       | mirror takes a stream (expected: neither --window nor --batch)",
                "call mirror --batch 10         | mirror takes a stream (expected: neither --window nor --batch)",
                "call outliers --window 1s --batch 1 | --batch: with --window (expected: one of them)",
                "call outliers --window 0s      | --window: 0s (expected: > 0)",
                "call outliers --batch 0        | --batch: 0 (expected: >= 1)",
                "call mirror --precision d      | --precision: d (expected: ns|us|ms|s|m|h)",
                "call mirror --on-error x       | --on-error: x (expected: declared|fail|skip|restart)",
                "call mirror --max-line-bytes 0 | --max-line-bytes: 0 (expected: >= 1 and < 512MiB)",
                "call mirror --max-waiting-points 0  | --max-waiting-points: 0 (expected: >= 1)",
                "new d --name a                 | Missing required argument (specify one of these): (--stream | --batch)",
                "new d --stream                 | Missing required option: '--name=NAME'",
                "new d --name 1a --batch        | --name: \"1a\" (expected: a letter, then letters, digits and underscores)",
                "new d --name var --batch       | --name: \"var\" (expected: none of TICKscript's keywords)",
                "new d --name mirror --batch    | --name: mirror (expected: none of ",
                "new d --name a --batch --package a.int | --package: \"a.int\" (expected: your own Java package, ",
                "completion fish                | expected one of [bash, zsh] (case-sensitive) but was 'fish'",
                "config --process --socket      | --process, --socket are mutually exclusive"
            })
    void aMistakeIsExplained(String line, String explanation) {
        assertThat(execute(line)).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).startsWith("kapacitor-udf: ").contains(explanation).contains("--help\n");
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run mirrors",
                "describe mirrors",
                "config mirrors",
                "serve mirrors",
                "serve --socket mirrors=/tmp/m",
                "call mirrors",
                "bench mirrors"
            })
    void anUnknownFunctionHasItsOwnStatus(String line) {
        assertThat(execute(line)).isEqualTo(ExitStatus.UNKNOWN_FUNCTION.code());
        assertThat(err())
                .isEqualTo("kapacitor-udf: function: mirrors (expected: one of "
                        + String.join(", ", Functions.installed().names()) + "); did you mean mirror?\n");
    }

    @Test
    void plugInsFromADirectoryThatIsNotThereAreAMistake() {
        assertThat(execute("list --plugins /nosuch")).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err())
                .startsWith("kapacitor-udf: plugins: /nosuch (expected: a readable directory): ")
                .hasLineCount(1);
    }

    @Test
    void tasksHintsAtAnotherDirectoryForATaskOfAnUnknownFunction(@TempDir Path dir) throws IOException {
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("foreign", Instant.now(), "npe");
            assertThat(execute("tasks --kapacitor " + api.url())).isZero();
            assertThat(out())
                    .contains("uses no function known to this server, or one of a server with another --dir\n");
            out.reset();
            assertThat(execute("tasks --kapacitor " + api.url() + " --dir " + dir))
                    .isZero();
            assertThat(out()).contains("uses no function known to this server\n");
        }
    }

    @Test
    void configNamesThePlugIns(@TempDir Path plugIns) {
        assertThat(execute("config mirror --plugins " + plugIns + " --plugins " + plugIns))
                .isZero();
        assertThat(out()).contains("KAPACITOR_UDF_PLUGINS = \"" + plugIns + ":" + plugIns + "\"\n");
    }

    @Test
    void aShellCompletesTheNamesOfFunctions() {
        assertThat(execute("completion bash")).isZero();
        assertThat(out())
                .startsWith("#!/usr/bin/env bash\n")
                .contains("\"mirror\" \"movingAvg\" \"outliers\"", "\"deviation\"")
                .contains("--socket-mode");
        assertThat(err()).isEmpty();
    }

    @Test
    void aProjectIsMadeNowhereButInANewDirectory(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(execute("new " + directory + " --name a --stream")).isEqualTo(ExitStatus.USAGE.code());
        assertThat(execute("new " + file + " --name a --stream")).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err().lines())
                .containsExactly(
                        "kapacitor-udf: dir: " + directory
                                + " is not empty (expected: a new directory, or an empty one)",
                        "kapacitor-udf: dir: " + file + " is a file (expected: a new directory)");
    }

    @Test
    void aSocketWhosePathIsTooLongIsNoDefect(@TempDir Path directory) {
        String path = directory.resolve("m".repeat(100)).toString();
        assertThat(execute("serve --socket mirror=" + path)).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).startsWith("kapacitor-udf: socket path: " + path).doesNotContain("\tat ");
    }

    @Test
    void benchSaysWhyItCannotMeasure() {
        assertThat(execute("bench gone=socket:/no/such.sock --no-echo")).isEqualTo(ExitStatus.FAILED.code());
        assertThat(err()).startsWith("kapacitor-udf: gone: cannot be connected to: socket: /no/such.sock (expected: ");
        assertThat(out()).isEmpty();
    }

    @Test
    void runOnATerminalExplainsItself() {
        assertThat(Main.execute(new Terminal(out, err, "02", false), new String[] {"run", "mirror"}))
                .isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).contains("Kapacitor starts it", "    [udf.functions.mirror]\n", "kapacitor-udf serve mirror");
        assertThat(out()).isEmpty();
    }

    @Test
    void coloursAreForTerminals() {
        Main.execute(new Terminal(out, err, "1", true), new String[] {"--help"});
        assertThat(out()).contains("\u001b[");
    }

    private int execute(String line) {
        return Main.execute(new Terminal(out, err, "", true), line.isEmpty() ? new String[0] : line.split(" "));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
