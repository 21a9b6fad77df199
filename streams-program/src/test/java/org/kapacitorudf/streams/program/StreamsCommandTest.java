package org.kapacitorudf.streams.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;

/** The command line, as far as it needs no broker. */
final class StreamsCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        Terminal terminal = new Terminal(out, err, "", false);
        terminal.program(StreamsCommand.PROGRAM);
        return StreamsCommand.execute(terminal, arguments);
    }

    private int runMovingAverage(String... more) {
        String[] arguments = {"movingAvg", "--brokers", "127.0.0.1:1", "--in", "in", "--out", "out"};
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return run(all);
    }

    @Test
    void theHelpTeaches() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("Runs a Kapacitor function on Kafka Streams")
                .contains("--exactly-once", "--dead-letters", "--group-by", "Exit status:", "For example:");
    }

    @Test
    void functionsAreListedAndDescribed() {
        assertThat(run("list")).isZero();
        assertThat(out.toString()).contains("movingAvg", "outliers");
        assertThat(run("describe", "movingAvg")).isZero();
        assertThat(out.toString()).contains("points per window");
    }

    @Test
    void wrongOptionsOfTheFunctionAreToldWithoutABroker() {
        assertThat(runMovingAverage("--option", "size=0")).isEqualTo(14);
        assertThat(err.toString()).contains("movingAvg: field: missing").contains("size: 0 (expected: ");
    }

    @Test
    void anUnknownFunctionIsTold() {
        assertThat(run("movingAverage", "--brokers", "x:1", "--in", "in", "--out", "out"))
                .isEqualTo(3);
        assertThat(err.toString()).startsWith("kapacitor-udf-streams: ").contains("did you mean movingAvg?");
    }

    @Test
    void aCommandLineThatIsNotUnderstoodIsTold() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("NAME: missing (expected: a function, list or describe)");
        assertThat(run("movingAvg", "--in", "in")).isEqualTo(2);
        assertThat(err.toString()).contains("--brokers: missing (expected: HOST:PORT)");
        assertThat(runMovingAverage("--option", "size=1", "--option", "field=v", "--window", "10s"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("window: PT10S (expected: none, because movingAvg takes points)");
        assertThat(runMovingAverage("--on-error", "shrug")).isEqualTo(2);
        assertThat(runMovingAverage("--kafka", "nothing")).isEqualTo(2);
        assertThat(err.toString()).contains("--kafka: nothing (expected: KEY=VALUE)");
    }

    @Test
    void theLimitsOfTheMetricsServerAreThoseOfServe() {
        assertThat(runMovingAverage("--metrics", "0", "--max-metrics-clients", "0"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--max-metrics-clients: 0 (expected: >= 1)");
        assertThat(runMovingAverage("--metrics", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("--metrics: x (expected: PORT, HOST:PORT or [IPV6]:PORT)");
    }

    private Properties properties(String... arguments) {
        CommandLine line = StreamsCommand.commandLine(new Terminal(out, err, "", false));
        line.parseArgs(arguments);
        return line.<StreamsCommand>getCommand().properties();
    }

    @Test
    void theFileForKafkaOutweighsTheDefaultsOfOptionsAndNotTheOptionsThatAreGiven(@TempDir Path directory)
            throws Exception {
        String file = Files.write(
                        directory.resolve("kafka.properties"),
                        List.of(
                                "application.id=own",
                                "processing.guarantee=exactly_once_v2",
                                "num.stream.threads=3",
                                "num.standby.replicas=2",
                                "session.timeout.ms=45000",
                                "heartbeat.interval.ms=3000"))
                .toString();
        assertThat(properties("f", "--brokers", "a:1", "--kafka-config", file))
                .containsEntry("application.id", "own")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("num.stream.threads", "3")
                .containsEntry("num.standby.replicas", "2")
                .containsEntry("session.timeout.ms", "45000")
                .containsEntry("heartbeat.interval.ms", "3000");
        String other = Files.writeString(
                        directory.resolve("other"), "application.id=own\nprocessing.guarantee=at_least_once\n")
                .toString();
        assertThat(properties(
                        "f",
                        "--brokers",
                        "a:1",
                        "--kafka-config",
                        other,
                        "--application",
                        "given",
                        "--exactly-once",
                        "--threads",
                        "4",
                        "--standby",
                        "0",
                        "--session-timeout",
                        "6s"))
                .containsEntry("application.id", "given")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("num.stream.threads", 4)
                .containsEntry("num.standby.replicas", 0)
                .containsEntry("session.timeout.ms", 6_000)
                .containsEntry("heartbeat.interval.ms", 1_500);
        assertThat(properties("f", "--brokers", "a:1"))
                .containsEntry("application.id", "kapacitor-udf-f")
                .containsEntry("processing.guarantee", "at_least_once")
                .containsEntry("num.stream.threads", 1)
                .containsEntry("num.standby.replicas", 0)
                .containsEntry("session.timeout.ms", 10_000)
                .containsEntry("heartbeat.interval.ms", 2_500);
    }

    @Test
    void aSeedThatIsNoneIsTold(@TempDir Path directory) throws Exception {
        Path seed = Files.writeString(directory.resolve("seed"), "none");
        assertThat(runMovingAverage("--option", "size=1", "--option", "field=v", "--seed", seed.toString()))
                .isEqualTo(14);
        assertThat(err.toString()).contains("snapshot: foreign, 4 bytes");
    }

    @Test
    void aHostThatDoesNotExistIsTold() {
        assertThat(run(
                        "movingAvg",
                        "--brokers",
                        "no-such-host.invalid:9092",
                        "--in",
                        "in",
                        "--out",
                        "out",
                        "--option",
                        "field=v",
                        "--option",
                        "size=1"))
                .isEqualTo(5);
        assertThat(err.toString()).contains("brokers: no-such-host.invalid:9092: ");
    }
}
