package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.state.GroupState;

/** A node for which Kapacitor has no state starts from the state in a file. */
class SeedTest {
    @TempDir
    private Path directory;

    private AgentConfig config;
    private final DriverClock clock = new DriverClock(Instant.EPOCH);
    private DriverConnection connection;
    private final DriverLog log = new DriverLog();
    private final List<String> out = new ArrayList<>();

    /** Sums the values of each group. A timer emits the sum of group a every second. */
    private record Sum(int version) implements Udf {
        @Override
        public Description describe() {
            return Description.stream("sum", "sum of a field per group").version(version);
        }

        @Override
        public Handler create(Context context) {
            GroupState<Total> totals = context.groupState("total", Total.class, Total::new);
            context.every(
                    Duration.ofSeconds(1),
                    (time, output) -> output.point(
                            org.kapacitorudf.Point.of("timer", 0).withField("a", totals.of("host=a").sum)));
            return (point, output) -> {
                Total total = totals.of(point.group());
                total.sum += point.intField("v");
                if (total.sum == 13) {
                    throw new IllegalStateException("13");
                }
                output.point(point.withField("v", total.sum));
            };
        }
    }

    static final class Total {
        private long sum;
    }

    private static byte[] snapshot(int version, String... lines) {
        try (UdfDriver driver = UdfDriver.of(new Sum(version)).groupBy("host").start()) {
            driver.pipe(lines);
            return driver.snapshot();
        }
    }

    private Path seed(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private void start() {
        start("cpu", "sum2");
    }

    private void start(String task, String node) {
        if (config == null) {
            config = AgentConfig.defaults();
        }
        connection = new DriverConnection(clock, output -> host(task, node, output), this::take);
        assertThat(connection.host().start()).isEmpty();
    }

    private HandlerHost host(String task, String node, Output output) {
        return HandlerHost.of(UdfFunction.of(new Sum(2)), clock, output)
                .config(config.toBuilder().seedDir(directory).build())
                .place(task, node)
                .nanoTime(clock::nanos)
                .logThrough(log::through)
                .build();
    }

    private void take(Response data) {
        out.add(LineProtocol.format(data.getPoint()));
    }

    private void pipe(String line) {
        connection.send(Points.of(line).groupBy("host").list().stream()
                .map(Frames::request)
                .toList());
    }

    @Test
    void aNodeThatGetsNoStateBeginsWithItsSeed() throws IOException {
        byte[] bytes = snapshot(2, "m,host=a v=5i 1", "m,host=b v=7i 1");
        Path file = seed("cpu.sum2", bytes);
        start();
        pipe("m,host=a v=1i 2");
        pipe("m,host=b v=1i 3");
        assertThat(out).containsExactly("m,host=a v=6i 2", "m,host=b v=8i 3");
        assertThat(log.lines())
                .contains("INFO seeded: 2 groups, " + bytes.length + " bytes, saved by version 2, from " + file);
    }

    @Test
    void aSeedIsOfOneNodeOfOneTask() throws IOException {
        seed("cpu.sum3", snapshot(2, "m,host=a v=5i 1"));
        seed("mem.sum2", snapshot(2, "m,host=a v=5i 1"));
        start();
        pipe("m,host=a v=1i 2");
        assertThat(out).containsExactly("m,host=a v=1i 2");
        assertThat(log.lines()).contains("INFO not seeded: " + directory.resolve("cpu.sum2") + " does not exist");
    }

    @Test
    void aStateOfKapacitorWinsOverTheSeed() throws IOException {
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1", "m,host=b v=5i 1"));
        start();
        assertThat(connection.host().restore(snapshot(2, "m,host=a v=100i 1"))).isEmpty();
        pipe("m,host=a v=1i 2");
        pipe("m,host=b v=1i 3");
        assertThat(out).containsExactly("m,host=a v=101i 2", "m,host=b v=1i 3");
        assertThat(log.lines()).noneMatch(line -> line.contains("seed"));
    }

    @Test
    void aStateOfKapacitorThatComesAfterTimersHaveSeenTheSeedWinsToo() throws IOException {
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1", "m,host=b v=5i 1"));
        start();
        connection.host().advance(Duration.ofSeconds(1).toNanos());
        assertThat(out).containsExactly("timer a=5i 0");
        assertThat(connection.host().restore(snapshot(2, "m,host=a v=100i 1"))).isEmpty();
        pipe("m,host=a v=1i 2");
        pipe("m,host=b v=1i 3");
        assertThat(out).containsExactly("timer a=5i 0", "m,host=a v=101i 2", "m,host=b v=1i 3");
    }

    @Test
    void aRestoreOfNothingLeavesTheSeed() throws IOException {
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1"));
        start();
        assertThat(connection.host().restore(new byte[0])).isEmpty();
        pipe("m,host=a v=1i 2");
        assertThat(out).containsExactly("m,host=a v=6i 2");
    }

    @Test
    void aHandlerThatIsReplacedBeforeTheFirstSnapshotBeginsWithTheSeedAgain() throws IOException {
        config = AgentConfig.builder().onError(FailurePolicy.RESTART).build();
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1"));
        start();
        pipe("m,host=a v=8i 2");
        pipe("m,host=a v=1i 3");
        assertThat(out).containsExactly("m,host=a v=6i 3");
    }

    @Test
    void withoutDataTheSeedIsNotGivenToKapacitorAndWithDataItIs() throws IOException {
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1"));
        start();
        assertThat(connection.host().snapshot()).isEmpty();
        pipe("m,host=b v=1i 2");
        byte[] saved = connection.host().snapshot();
        Files.delete(directory.resolve("cpu.sum2"));
        start();
        assertThat(connection.host().restore(saved)).isEmpty();
        pipe("m,host=a v=1i 3");
        assertThat(out).endsWith("m,host=a v=6i 3");
    }

    @Test
    void aSeedThatCannotBeUsedEndsTheTaskWithAnErrorThatNamesTheFile() throws IOException {
        Path file = seed("cpu.sum2", snapshot(3, "m,host=a v=5i 1"));
        start();
        pipe("m,host=a v=1i 2");
        assertThat(connection.host().error())
                .hasValue("sum (task cpu, node sum2): seed: " + file
                        + ": snapshot: of version 3 of UDF \"sum\" (expected: 2)");
        assertThat(out).isEmpty();
    }

    @Test
    void aSeedThatCannotBeUsedIsTheErrorOfARestoreOfNothing() throws IOException {
        Path file = seed("cpu.sum2", new byte[] {1, 2, 3});
        start();
        assertThat(connection.host().restore(new byte[0]))
                .get(STRING)
                .startsWith("sum: seed: " + file + ": snapshot: foreign, 3 bytes");
    }

    @Test
    void aSeedThatCannotBeUsedIsLeftAsideByPolicy() throws IOException {
        config = AgentConfig.builder().onBadSnapshot(OnBadSnapshot.FRESH).build();
        seed("cpu.sum2", snapshot(3, "m,host=a v=5i 1"));
        start();
        pipe("m,host=a v=1i 2");
        assertThat(out).containsExactly("m,host=a v=1i 2");
        assertThat(log.lines())
                .anyMatch(line -> line.startsWith("WARN restore failed, starting without state: seed: ")
                        && line.contains("of version 3"));
    }

    @Test
    void aTaskWhoseNameIsNoFileNameIsStartedWithoutASeed() throws IOException {
        seed("cpu.sum2", snapshot(2, "m,host=a v=5i 1"));
        directory = Files.createDirectory(directory.resolve("seeds"));
        start("../cpu", "sum2");
        pipe("m,host=a v=1i 2");
        assertThat(out).containsExactly("m,host=a v=1i 2");
        assertThat(log.lines()).contains("WARN not seeded: ../cpu.sum2 (expected: a file name)");
    }
}
