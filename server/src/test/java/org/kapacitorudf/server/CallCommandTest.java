package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.server.terminal.ExitStatus;

/** {@code call}, started by its launcher. */
@Tag("slow")
@Timeout(600)
@Tag("one-jdk")
class CallCommandTest {
    @TempDir
    private Path directory;

    private Installed installed;
    private Process process;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    private void start(String input, String... arguments) throws IOException {
        process = installed.start(arguments);
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
    }

    private String out() throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String err() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void assertEnds(ExitStatus status) throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(status.code());
    }

    @Test
    void linesOnStdinAreAnsweredOnStdout() throws Exception {
        start(
                "cpu,host=a value=1 0\ncpu,host=b value=5 0\ncpu,host=a value=2 1",
                "call",
                "movingAvg",
                "--option",
                "field=value",
                "--option",
                "size=3",
                "--group-by",
                "host");
        assertThat(out()).isEqualTo("cpu,host=a avg=1.0 0\ncpu,host=b avg=5.0 0\ncpu,host=a avg=1.5 1\n");
        assertThat(err()).isEmpty();
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aSummaryAndAChartTakeThePlaceOfThePoints() throws Exception {
        Path chart = directory.resolve("c.html");
        start(
                "cpu,host=a value=1 0\ncpu,host=b value=5 0\ncpu,host=a value=2 1",
                "call",
                "deviation",
                "--option",
                "field=value",
                "--group-by",
                "host",
                "--summary",
                "--chart",
                chart.toString(),
                "--max-chart-points",
                "2");
        assertThat(out().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "group points alerts a week longest quiet first alert last alert",
                        "cpu,host=a 2 0 0.0 0s - -",
                        "cpu,host=b 1 0 - 0s - -");
        assertThat(err())
                .isEqualTo(
                        "deviation: 2 groups can have no alert yet, because there are points for less than warmUp, 1d\n"
                                + "chart: " + chart + ": points: 2, groups: 2\n"
                                + "chart: 1 points left out (expected: <= 2 points, --max-chart-points)\n");
        assertThat(chart).isNotEmptyFile();
        assertEnds(ExitStatus.OK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--chart", "--save-state"})
    void aFileThatCannotBeWrittenIsToldBeforeTheInputIsRead(String option) throws Exception {
        Path file = directory.resolve("missing/c");
        // Its input does not end.
        process = installed.start("call", "deviation", "--option", "field=value", option, file.toString());
        assertThat(err()).startsWith("kapacitor-udf: " + file + ": cannot be written: ");
        assertEnds(ExitStatus.PEER_GONE);
    }

    @Test
    void aFileStaysAsItWasUntilTheResultIsComplete() throws Exception {
        Path chart = Files.writeString(directory.resolve("c.html"), "before");
        Path state = Files.writeString(directory.resolve("s"), "before");
        start(
                "cpu value=1 0\ncpu value=x 0",
                "call",
                "deviation",
                "--option",
                "field=value",
                "--chart",
                chart.toString(),
                "--save-state",
                state.toString());
        assertThat(err()).contains("line 2");
        assertEnds(ExitStatus.BAD_INPUT);
        assertThat(chart).hasContent("before");
        assertThat(state).hasContent("before");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void whatIsNoRegularFileIsWrittenItself() throws Exception {
        start("cpu value=1 0", "call", "deviation", "--option", "field=value", "--chart", "/dev/stdout");
        assertThat(out()).startsWith("<!doctype html>");
        assertThat(err()).contains("chart: /dev/stdout: points: 1");
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aTaskBeginsWithTheStateThatWasSaved() throws Exception {
        Path seeds = Files.createDirectory(directory.resolve("seeds"));
        Path seed = seeds.resolve("cpu.movingAvg2");
        start(
                "cpu,host=a value=1 1\ncpu,host=b value=5 1\ncpu,host=a value=2 2",
                "call",
                "movingAvg",
                "--option",
                "field=value",
                "--option",
                "size=3",
                "--group-by",
                "host",
                "--save-state",
                seed.toString());
        assertThat(out()).hasLineCount(3);
        assertThat(err()).isEqualTo("state: " + seed + ": bytes: " + Files.size(seed) + "\n");
        assertEnds(ExitStatus.OK);
        try (Kapacitor kapacitor = installed.spawn("run", "movingAvg", "--seed-dir", seeds.toString())) {
            kapacitor.init("cpu", "movingAvg2", Options.of("field", "value"), Options.of("size", 3));
            kapacitor.send(Points.of("cpu,host=a value=6 3").groupBy("host"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsDoubleMap()).containsEntry("avg", 3.0);
            kapacitor.awaitStderr(line -> line.contains(": seeded: 2 groups, ") && line.endsWith(" from " + seed));
            kapacitor.finish();
        }
    }

    @Test
    void aFunctionWithoutStateHasNoneToSave() throws Exception {
        Path state = directory.resolve("s");
        start("cpu value=1 0", "call", "mirror", "--save-state", state.toString());
        assertThat(err())
                .isEqualTo("kapacitor-udf: " + state
                        + ": not written: mirror has no state (expected: a function with state, and points)\n");
        assertEnds(ExitStatus.FAILED);
        assertThat(state).doesNotExist();
    }

    @Test
    void aSummaryOfAFunctionThatIsNoDetectorSaysSo() throws Exception {
        start("cpu value=1 0\ncpu value=2 1", "call", "mirror", "--summary");
        assertThat(out().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly("group points in points out", "cpu 2 2");
        assertThat(err())
                .isEqualTo("mirror: alerts cannot be counted: no point has the fields of a detector"
                        + " (expected: anomaly, expected, lower, upper)\n");
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aSummarySaysWhichGroupsAreStillInWarmUp() throws Exception {
        String input = "m,host=a v=1 1\nm,host=b v=1 1\nm,host=a v=2 90000000000001\n";
        start(input, "call", "deviation", "--option", "field=v", "--group-by", "host", "--summary");
        assertThat(out()).startsWith("group ");
        assertThat(err())
                .contains(
                        "deviation: 1 group can have no alert yet, because there are points for less than warmUp, 1d\n");
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aSummaryWantsInputThatEnds() throws Exception {
        start("", "call", "deviation", "--option", "field=value", "--summary", "--follow");
        assertThat(err()).contains("--follow: with --summary or --chart (expected: input that ends)");
        assertEnds(ExitStatus.USAGE);
    }

    @Test
    void aBadLineOfAFileIsReportedAfterTheAnswersToTheLinesBefore() throws Exception {
        Path file = Files.writeString(directory.resolve("cpu.lp"), "cpu value=1 5\n\ncpu value=x\n");
        start("", "call", "mirror", "--precision", "s", file.toString());
        assertThat(out()).isEqualTo("cpu value=1.0 5000000000\n");
        assertThat(err())
                .startsWith("kapacitor-udf: " + file + ": line 3, column 11: \"x\" (expected: ")
                .hasLineCount(1);
        assertEnds(ExitStatus.BAD_INPUT);
    }

    @Test
    void aFunctionThatRefusesItsOptionsSaysWhy() throws Exception {
        start("", "call", "movingAvg", "--option", "field=value", "--option", "size=0");
        assertThat(err()).isEqualTo("kapacitor-udf: movingAvg: size: 0 (expected: >= 1 and <= 1000000)\n");
        assertEnds(ExitStatus.REFUSED);
    }

    @Test
    void liveLinesAreAnsweredAsTheyComeUntilASignal() throws Exception {
        process = installed.start("call", "outliers", "--option", "field=v", "--batch", "1", "--follow");
        OutputStream stdin = process.getOutputStream();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (int i = 0; i < 3; i++) {
            stdin.write(("m v=1 " + i + "\n").getBytes(StandardCharsets.UTF_8));
            stdin.flush();
            assertThat(answers.readLine()).isEqualTo("# batch m until " + i);
        }
        // Not Process.destroy, which would close the streams.
        process.toHandle().destroy();
        assertThat(answers.readLine()).isNull();
        assertThat(err()).isEmpty();
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aSignalBeforeTheEndOfTheInputIsToldByTheStatus() throws Exception {
        process = installed.start("call", "mirror");
        process.getOutputStream().write("m v=1 1\nm v=2".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(answers.readLine()).isEqualTo("m v=1.0 1");
        process.toHandle().destroy();
        assertThat(answers.readLine()).isNull();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
    }

    @Test
    void whoeverReadsOnlySomeOfItEndsIt() throws Exception {
        Path file = Files.writeString(directory.resolve("cpu.lp"), "cpu value=1 5\n".repeat(100_000));
        process = installed.start("call", "mirror", file.toString());
        assertThat(process.getInputStream().read()).isEqualTo('c');
        process.getInputStream().close();
        assertEnds(ExitStatus.PEER_GONE);
        assertThat(err()).isEmpty();
    }

    @Test
    void badLinesAreSkippedCountedAndKept() throws Exception {
        Path file = Files.writeString(directory.resolve("cpu.lp"), "cpu value=1 5\nbroken\ncpu value=2 6\n");
        Path bad = directory.resolve("bad.lp");
        start("", "call", "mirror", "--skip-bad-lines=" + bad, file.toString());
        assertThat(out()).isEqualTo("cpu value=1.0 5\ncpu value=2.0 6\n");
        assertThat(err())
                .startsWith("skipped: line 2, column 7: the line ends (expected: a space, then fields;")
                .endsWith("1 bad lines skipped\n")
                .hasLineCount(2);
        assertEnds(ExitStatus.OK);
        assertThat(bad).hasContent("broken");
    }

    @Test
    void theNextArgumentAfterSkipBadLinesIsTheInput() throws Exception {
        Path file = Files.writeString(directory.resolve("cpu.lp"), "cpu value=1 5\nbroken\n");
        start("", "call", "mirror", "--skip-bad-lines", file.toString());
        assertThat(out()).isEqualTo("cpu value=1.0 5\n");
        assertEnds(ExitStatus.OK);
        assertThat(file).hasContent("cpu value=1 5\nbroken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/stdin", "/dev/fd/0"})
    void aPipeHasNoPositionAndIsFollowedAllTheSame(String path) throws Exception {
        start("cpu value=1 5\nbroken\ncpu value=2 6\n", "call", "mirror", "--follow", path);
        assertThat(out()).isEqualTo("cpu value=1.0 5\ncpu value=2.0 6\n");
        assertThat(err()).contains("skipped: line 2, ");
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aNamedPipeIsOpenedAgainForItsNextWriter() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        process = installed.start("call", "mirror", "--follow", pipe.toString());
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (int i = 0; i < 2; i++) {
            Files.writeString(pipe, "cpu value=1 " + i + "\n");
            assertThat(answers.readLine()).isEqualTo("cpu value=1.0 " + i);
        }
        process.toHandle().destroy();
        assertThat(answers.readLine()).isNull();
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aRecordingOfBatchesNeedsNoWindowAndAFunctionThatTakesBatches() throws Exception {
        Path file = directory.resolve("r.brpl");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("0"));
            zip.write(("{\"name\":\"cpu\",\"tmax\":\"2026-01-01T00:00:10Z\",\"points\":["
                            + "{\"fields\":{\"v\":1},\"time\":\"2026-01-01T00:00:01Z\"}]}\n")
                    .getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        start("", "call", "outliers", "--option", "field=v", file.toString());
        assertThat(out()).isEqualTo("# batch cpu until 1767225610000000000\n");
        assertEnds(ExitStatus.OK);
        start("", "call", "outliers", "--option", "field=v", "--window", "1s", file.toString());
        assertThat(err()).contains("r.brpl is a recording of batches (expected: neither --window nor --batch)");
        assertEnds(ExitStatus.USAGE);
        start("", "call", "mirror", file.toString());
        assertThat(err()).contains("mirror takes a stream (expected: a function that takes batches, because ");
        assertEnds(ExitStatus.USAGE);
        // By its content.
        Path unnamed = Files.move(file, directory.resolve("r"));
        start("", "call", "mirror", unnamed.toString());
        assertThat(err()).contains("a recording of batches (expected: points, because mirror takes a stream)");
        assertEnds(ExitStatus.BAD_INPUT);
    }

    @Test
    void csvIsReadByItsName() throws Exception {
        Path file = Files.writeString(directory.resolve("cpu.csv"), "time,host,usage\n1,a,1\n2,a,3\n");
        start(
                "",
                "call",
                "movingAvg",
                "--option",
                "field=usage",
                "--option",
                "size=2",
                "--tag-columns",
                "host",
                "--group-by",
                "host",
                "--precision",
                "s",
                file.toString());
        assertThat(out()).isEqualTo("cpu,host=a avg=1.0 1000000000\ncpu,host=a avg=2.0 2000000000\n");
        assertEnds(ExitStatus.OK);
    }

    @Test
    void aFieldThatNoPointHasIsToldWithThoseThatThereAre() throws Exception {
        start("cpu usage_user=1 1\n", "call", "movingAvg", "--option", "field=usage", "--option", "size=2");
        assertThat(out()).isEmpty();
        assertThat(err()).contains("movingAvg: field usage: missing in 1 of 1 points; there are: usage_user\n");
        assertEnds(ExitStatus.OK);
    }
}
