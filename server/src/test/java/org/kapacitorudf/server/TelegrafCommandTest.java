package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.state.GroupState;

/** {@code telegraf}, started by its launcher; this plays Telegraf's side. */
@Tag("slow")
@Timeout(600)
@Tag("one-jdk")
class TelegrafCommandTest {
    @TempDir
    private Path directory;

    /** Says how many points there were; at n=13 it waits for a file, at n=14 it divides by zero. */
    public static final class HeldUp implements Udf {
        static final String IN_CALL = "in-call";
        private static final Option<String> GATE = Option.string("gate").required();

        @Override
        public Description describe() {
            return Description.stream("heldUp", "").options(GATE);
        }

        @Override
        public Handler create(Context context) {
            Path gate = Path.of(context.option(GATE));
            GroupState<Long> counts = context.groupState("count", Long.class, () -> 0L);
            return (point, output) -> {
                long n = point.intField("n");
                if (n == 13) {
                    Files.createFile(gate.resolveSibling(IN_CALL));
                }
                while (n == 13 && !Files.exists(gate)) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                counts.put(point.group(), counts.of(point.group()) + 1);
                output.point(point.withFields(Fields.of("count", counts.of(point.group())))
                        .withField("ratio", n == 14 ? n / 0.0 : n));
            };
        }
    }

    private Installed installed;
    private Process process;
    private BufferedReader answers;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory).with(HeldUp.class);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    private void start(String... arguments) throws IOException {
        process = installed.start(arguments);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private void movingAverage(String... more) throws IOException {
        String[] arguments = {
            "telegraf",
            "movingAvg",
            "--option",
            "field=value",
            "--option",
            "size=4",
            "--group-by",
            "host",
            "--state",
            directory.resolve("s").toString(),
            "--state-interval",
            "1ms"
        };
        String[] all = Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
        start(all);
    }

    private void heldUp(String stateInterval) throws IOException {
        start(
                "telegraf",
                "heldUp",
                "--option",
                "gate=" + directory.resolve("gate"),
                "--state",
                directory.resolve("s").toString(),
                "--state-interval",
                stateInterval);
    }

    private void give(String line) throws IOException {
        OutputStream stdin = process.getOutputStream();
        stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        stdin.flush();
    }

    private void await(String file) throws InterruptedException {
        while (!Files.exists(directory.resolve(file))) {
            assertThat(process.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private String err() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void assertEnds(ExitStatus status) throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(status.code());
    }

    @Test
    void itEndsWhenStdinIsClosedAndEachLineOfItsLogHasALevel() throws Exception {
        movingAverage("--pass");
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        give("broken");
        assertThat(answers.readLine()).isEqualTo("broken");
        process.getOutputStream().close();
        assertThat(answers.readLine()).isNull();
        assertThat(err().lines()).isNotEmpty().allMatch(line -> line.matches("[EWID]! .*"));
        assertEnds(ExitStatus.OK);
    }

    @Test
    void sigtermEndsItWithItsStateWhileStdinIsOpen() throws Exception {
        movingAverage();
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        // Not Process.destroy, which would close the streams.
        process.toHandle().destroy();
        assertThat(answers.readLine()).isNull();
        assertEnds(ExitStatus.OK);
        assertThat(directory.resolve("s")).isNotEmptyFile();
    }

    @Test
    void afterKillItGoesOnWithTheStateOfTheLastInterval() throws Exception {
        movingAverage();
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=1.0 1");
        await("s");
        process.destroyForcibly().waitFor();
        movingAverage();
        give("cpu,host=a value=3 2");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a avg=2.0 2");
    }

    /** As Telegraf stops it: STDIN is closed, SIGTERM comes when it has not ended within 5 s. */
    @Test
    void sigtermWhileACallGoesOnAfterTheEndOfStdinCostsNothing() throws Exception {
        heldUp("1h");
        give("m n=1i 1");
        assertThat(answers.readLine()).isEqualTo("m count=1i,ratio=1.0 1");
        give("m n=13i 2");
        await(HeldUp.IN_CALL);
        process.getOutputStream().close();
        process.toHandle().destroy();
        Files.createFile(directory.resolve("gate"));
        assertThat(answers.readLine()).isEqualTo("m count=2i,ratio=13.0 2");
        assertThat(answers.readLine()).isNull();
        assertEnds(ExitStatus.OK);
        heldUp("1h");
        give("m n=1i 3");
        assertThat(answers.readLine()).isEqualTo("m count=3i,ratio=1.0 3");
    }

    /** As Telegraf ends it 5 s later. */
    @Test
    void aProcessThatIsKilledInACallHasTheStateOfTheLastInterval() throws Exception {
        heldUp("1ms");
        give("m n=1i 1");
        assertThat(answers.readLine()).isEqualTo("m count=1i,ratio=1.0 1");
        await("s");
        give("m n=13i 2");
        await(HeldUp.IN_CALL);
        process.getOutputStream().close();
        process.toHandle().destroy();
        process.destroyForcibly().waitFor();
        heldUp("1ms");
        give("m n=1i 3");
        assertThat(answers.readLine()).isEqualTo("m count=2i,ratio=1.0 3");
    }

    @Test
    void valuesThatAreNotFiniteAndSkippedPointsAreOneWarningEach() throws Exception {
        heldUp("1h");
        for (String metric : List.of("n=14i 1", "n=14i 2", "x=1 3", "x=1 4")) {
            give("m " + metric);
        }
        process.getOutputStream().close();
        assertThat(answers.lines()).containsExactly("m count=1i 1", "m count=2i 2");
        List<String> warnings =
                err().lines().filter(line -> line.startsWith("W! ")).toList();
        assertThat(warnings).as(warnings.toString()).hasSize(3);
        assertThat(warnings.get(0)).contains("finite");
        assertThat(warnings.get(1)).contains("field \"n\": missing");
        assertThat(warnings.get(2)).contains("0 bad lines, 2 skipped; metrics in 4, out 2");
    }

    @Test
    void sigtermEndsAProcessorThatCannotRunAlthoughStdinIsOpen() throws Exception {
        start("telegraf", "heldUp", "--pass");
        give("m n=1i 1");
        assertThat(answers.readLine()).isEqualTo("m n=1i 1");
        process.toHandle().destroy();
        assertEnds(ExitStatus.REFUSED);
    }

    /** Not even root can make a file in /proc. */
    @Test
    void aDirectoryThatCannotBeWrittenToCostsAWarningAndNoMetric() throws Exception {
        Path file = Path.of("/proc/kapacitor-udf.state");
        start(
                "telegraf",
                "heldUp",
                "--option",
                "gate=" + directory.resolve("gate"),
                "--state",
                file.toString(),
                "--state-interval",
                "1ms");
        give("m n=1i 1");
        assertThat(answers.readLine()).isEqualTo("m count=1i,ratio=1.0 1");
        give("m n=1i 2");
        assertThat(answers.readLine()).isEqualTo("m count=2i,ratio=1.0 2");
        process.getOutputStream().close();
        assertThat(err().lines().filter(line -> line.startsWith("W! ")))
                .singleElement()
                .asString()
                .contains("state: " + file + ": not written: ")
                .endsWith("will retry after each --state-interval");
        assertEnds(ExitStatus.OK);
    }

    /**
     * With a limit of the size of files in place of a quota: a state of 2,000 groups has more than 16 KiB, the JVM's
     * own files are smaller or not written.
     */
    @Test
    void aDiskThatBecomesFullCostsAWarningAndNoMetric() throws Exception {
        StringBuilder metrics = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            metrics.append("m,g=")
                    .append(Long.toHexString(i * 0x9E3779B97F4A7C15L))
                    .append(" n=")
                    .append(i * 1_000_003L + 15)
                    .append("i ")
                    .append(i)
                    .append('\n');
        }
        Installed.Ended ended = installed.run(
                Map.of("KAPACITOR_UDF_JAVA_OPTS", "-XX:-UsePerfData"),
                metrics.toString().getBytes(StandardCharsets.UTF_8),
                "ulimit -f 8; exec \"$@\"",
                "telegraf",
                "heldUp",
                "--option",
                "gate=x",
                "--group-by",
                "g",
                "--state",
                directory.resolve("s").toString());
        assertThat(ended.status()).as(ended.err()).isEqualTo(ExitStatus.OK.code());
        assertThat(ended.out().lines()).hasSize(2_000);
        assertThat(ended.err().lines().filter(line -> line.startsWith("W! ")))
                .singleElement()
                .asString()
                .contains("not written: ", "File too large");
        assertThat(directory.resolve("s")).doesNotExist();
        assertThat(directory.resolve("s.part")).doesNotExist();
    }

    @Test
    void aCommandLineThatIsNotUnderstoodIsToldOnceAndMetricsGoThrough() throws Exception {
        start("telegraf", "movingAvg", "--windw", "10s", "--pass");
        give("cpu,host=a value=1 1");
        assertThat(answers.readLine()).isEqualTo("cpu,host=a value=1 1");
        process.getOutputStream().close();
        assertThat(err())
                .hasLineCount(1)
                .startsWith("E! kapacitor-udf telegraf: ")
                .contains("--windw");
        assertEnds(ExitStatus.USAGE);
    }

    @Test
    void aFunctionThatIsNotInstalledIsToldOnceAndMetricsAreDropped() throws Exception {
        start("telegraf", "nothing");
        give("cpu,host=a value=1 1");
        assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
        process.getOutputStream().close();
        assertThat(answers.readLine()).isNull();
        assertThat(err()).hasLineCount(1).startsWith("E! kapacitor-udf nothing: ");
        assertEnds(ExitStatus.UNKNOWN_FUNCTION);
    }

    @Test
    void configPrintsTheSectionToPaste() throws Exception {
        start("config", "--telegraf", "movingAvg");
        String conf = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(conf)
                .startsWith("[[processors.execd]]\n  command = [\"")
                .contains("\"telegraf\", \"movingAvg\", \"--option\", \"field=")
                .contains("skip_processors_after_aggregators = true");
        assertEnds(ExitStatus.OK);
    }
}
