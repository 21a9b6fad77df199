package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.conformance.Case;
import org.kapacitorudf.tools.conformance.Catalogue;

/** The command, and the results for the project's own agent. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
class CheckCommandTest {
    private static final boolean FULL = Boolean.getBoolean("udf.full");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private static final List<String> NAMES =
            Catalogue.cases().stream().map(Case::name).toList();

    /** Functions, their options, and the cases of the short test. */
    private static final Arguments MIRROR = Arguments.of("mirror", "", List.of("process-exits"));

    private static final Arguments MOVING_AVERAGE =
            Arguments.of("movingAvg", "--option field=value --option size=3", without("reader-stalled", "reader-gone"));
    private static final Arguments OUTLIERS = Arguments.of(
            "outliers",
            "--option field=value",
            List.of("batch-empty", "batch-one", "batch-size", "batch-unfinished", "keepalive-in-batch"));

    static Stream<Arguments> onSockets() {
        return FULL ? Stream.of(MIRROR, MOVING_AVERAGE, OUTLIERS) : Stream.of(MOVING_AVERAGE, OUTLIERS);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("onSockets")
    void ourAgentPassesOnASocket(String function, String options, List<String> cases) throws Exception {
        Path socket = directory.resolve("s");
        try (UdfServer server = serve(function, socket)) {
            List<String> line = line(options, cases);
            line.addAll(List.of("--socket", socket.toString()));
            assertThat(check(line)).as("%s", out()).isZero();
        }
        assertThat(out()).contains(" passed, 0 failed ");
        assertThat(err()).isEmpty();
    }

    static Stream<Arguments> asProcesses() {
        return FULL ? Stream.of(MIRROR, MOVING_AVERAGE, OUTLIERS) : Stream.of(MIRROR);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("asProcesses")
    void ourAgentPassesAsAProcess(String function, String options, List<String> cases) throws Exception {
        List<String> line = line(options, cases);
        line.add("--");
        line.addAll(Installed.in(directory).words("run", function));
        assertThat(check(line)).as("%s", out()).isZero();
        assertThat(out()).contains(" passed, 0 failed ");
    }

    private static List<String> line(String options, List<String> cases) {
        List<String> line = new ArrayList<>(options.isEmpty() ? List.of() : List.of(options.split(" ")));
        line.addAll(List.of("--fail-on", "may", "--timeout", "5m"));
        if (!FULL) {
            cases.forEach(name -> line.addAll(List.of("--case", name)));
        }
        return line;
    }

    private static List<String> oneCase(String name, Path socket) {
        return new ArrayList<>(List.of("--socket", socket.toString(), "--case", name, "--timeout", "5m"));
    }

    private static List<String> without(String... names) {
        return NAMES.stream().filter(name -> !List.of(names).contains(name)).toList();
    }

    private static UdfServer serve(String function, Path socket) throws IOException {
        return UdfServer.builder()
                .function(Functions.find(function), socket)
                .config(AgentConfig.defaults().toBuilder()
                        .drainDeadline(Duration.ofMinutes(5))
                        .build())
                .build()
                .start();
    }

    @Test
    void withoutTheOptionsThatAreNeededInitFailsAndSaysWhichThereAre() throws Exception {
        Path socket = directory.resolve("s");
        try (UdfServer server = serve("movingAvg", socket)) {
            Path xml = directory.resolve("results.xml");
            List<String> line = oneCase("init", socket);
            line.addAll(List.of("--junit-xml", xml.toString()));
            assertThat(check(line)).isEqualTo(ExitStatus.FAILED.code());
            assertThat(out())
                    .startsWith("FAIL  MUST    init ")
                    .contains(
                            "its options are as(STRING), field(STRING), size(INT) (set them with --option name=value)")
                    .endsWith("0 passed, 1 failed (1 MUST, 0 SHOULD, 0 MAY), 0 not applicable\n");
            assertThat(xml).content().contains("failures=\"1\"", "name=\"init\"");
        }
    }

    @Test
    void theInputIsWhatIsSent() throws Exception {
        Path socket = directory.resolve("s");
        Path input = Files.writeString(directory.resolve("points.lp"), "m,a=1 x=1 1\nm,a=2 x=2 2\n");
        try (UdfServer server = serve("mirror", socket)) {
            List<String> line = oneCase("data", socket);
            line.addAll(List.of("--input", input.toString(), "--json"));
            assertThat(check(line)).isZero();
        }
        assertThat(out()).startsWith("{\"agent\": ").contains("2 messages of output");
    }

    @Test
    void theListHasEachCase() {
        assertThat(check(List.of("--list"))).isZero();
        assertThat(out().lines()).hasSameSizeAs(Catalogue.cases());
        assertThat(out()).contains(Catalogue.cases().stream().map(Case::name).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                        | agent: missing (expected: --socket PATH, or -- COMMAND)",
                "--socket s -- ./agent                   | agent: two (expected: --socket PATH, or -- COMMAND)",
                "--socket s --case split                 | --case: case: split (expected: one of --list)",
                "--socket s --timeout soon               | --timeout: soon (expected: a duration: 500ms, 10s, 1h30m, 1w)",
                "--socket s --timeout 1ms                | --timeout: timeout: PT0.001S (expected: > 1 ms)",
                "--socket s --fail-on maybe              | --fail-on: maybe (expected: must|should|may)",
                "--socket s --option size                | --option: option: size (expected: name=value)"
            })
    void aMistakeOfTheCommandLineSaysWhatWasExpected(String line, String message) {
        assertThat(check(line == null ? List.of() : List.of(line.split(" ")))).isEqualTo(ExitStatus.USAGE.code());
        assertThat(err()).startsWith("kapacitor-udf: " + message);
        assertThat(out()).isEmpty();
    }

    private int check(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of("check"));
        line.addAll(arguments);
        return Main.execute(new Terminal(out, err, "", false), line.toArray(new String[0]));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
