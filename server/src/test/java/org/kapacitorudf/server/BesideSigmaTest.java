package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.server.install.KapacitorConf;

/**
 * The cost of {@code deviation} in a real Kapacitor, compared with Kapacitor's own {@code sigma}, a node that only
 * copies a field, and a function that returns each point.
 *
 * <p>The four take turns in one Kapacitor, with the same points: 10,000 groups. {@code scripts/bench --kapacitor}
 * prints the table; otherwise it is a test with few points.
 */
@Tag("one-jdk")
@EnabledIfEnvironmentVariable(
        named = "KAPACITORD",
        matches = ".+",
        disabledReason = "KAPACITORD: not set (expected: the path of a kapacitord)")
@Timeout(3600)
class BesideSigmaTest {
    private static final int GROUPS = 10_000;

    private final boolean isMeasured = Boolean.getBoolean("udf.bench");
    private final int rounds = isMeasured ? 5 : 1;
    private final int warmUpTimes = isMeasured ? 10 : 1;
    private final int measuredTimes = isMeasured ? 15 : 1;
    private final Random random = new Random(1);
    private final Map<Kind, double[]> cpuMicros = new EnumMap<>(Kind.class);
    private final Map<Kind, double[]> agentMicros = new EnumMap<>(Kind.class);
    private final Map<Kind, double[]> pointsPerSecond = new EnumMap<>(Kind.class);
    private long second = 1_700_000_000;

    @TempDir
    private Path directory;

    private enum Kind {
        COPY("|eval(lambda: \"value\").as('copy').keep()"),
        SIGMA("|eval(lambda: sigma(\"value\")).as('sigma').keep()"),
        MIRROR("@mirror()"),
        DEVIATION("@deviation().field('value')");

        private final String node;

        Kind(String node) {
            this.node = node;
        }

        String task() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Test
    void eachTakesAllPoints() throws Exception {
        Path scripts = Path.of(System.getProperty("kapacitor-udf.scripts")).toRealPath();
        Path jar = scripts.resolveSibling("server/target/dist/lib/kapacitor-udf.jar");
        assumeTrue(Files.exists(jar), "not built (expected: " + jar + ", which scripts/build makes)");
        String functions = Stream.of("mirror", "deviation")
                .map(name -> KapacitorConf.process(
                        name,
                        scripts.resolve("kapacitor-udf").toString(),
                        Map.of("JAVA_HOME", System.getProperty("java.home"))))
                .collect(Collectors.joining());
        try (Kapacitord kapacitord =
                Kapacitord.start(Path.of(System.getenv("KAPACITORD")), directory, "1m", functions)) {
            for (Kind kind : Kind.values()) {
                cpuMicros.put(kind, new double[rounds]);
                agentMicros.put(kind, new double[rounds]);
                pointsPerSecond.put(kind, new double[rounds]);
                kapacitord.define(
                        kind.task(),
                        "stream|from().measurement('m').groupBy('g')" + kind.node + "|where(lambda: TRUE)");
                kapacitord.disable(kind.task(), Duration.ofMinutes(5));
            }
            for (int round = 0; round < rounds; round++) {
                for (Kind kind : Kind.values()) {
                    measure(kapacitord, kind, round);
                }
            }
        }
        if (isMeasured) {
            print();
        }
    }

    private void measure(Kapacitord kapacitord, Kind kind, int round) throws Exception {
        kapacitord.enable(kind.task());
        write(kapacitord, kind, warmUpTimes, 0);
        Duration cpuBefore = kapacitord.cpu();
        Duration agentBefore = kapacitord.cpuOfChildren();
        long nanosBefore = System.nanoTime();
        write(kapacitord, kind, measuredTimes, warmUpTimes);
        double points = (double) measuredTimes * GROUPS;
        pointsPerSecond.get(kind)[round] = points * 1e9 / (System.nanoTime() - nanosBefore);
        double agent = kapacitord.cpuOfChildren().minus(agentBefore).toNanos() / 1e3 / points;
        agentMicros.get(kind)[round] = agent;
        cpuMicros.get(kind)[round] = kapacitord.cpu().minus(cpuBefore).toNanos() / 1e3 / points + agent;
        kapacitord.disable(kind.task(), Duration.ofMinutes(5));
        assertThat(kapacitord.error(kind.task())).isEmpty();
    }

    /** Writes a point of each group at several times, and waits for the output. */
    private void write(Kapacitord kapacitord, Kind kind, int times, int timesBefore) throws Exception {
        for (int time = 0; time < times; time++) {
            second += 10;
            StringBuilder lines = new StringBuilder();
            for (int group = 0; group < GROUPS; group++) {
                lines.append("m,g=server")
                        .append(group)
                        .append(" value=")
                        .append(50 + random.nextGaussian())
                        .append(' ')
                        .append(second)
                        .append('\n');
            }
            kapacitord.write(lines.toString());
        }
        long all = (long) (timesBefore + times) * GROUPS;
        kapacitord.await(kind + ": all points came out", () -> kapacitord.collected(kind.task(), "where3") >= all);
    }

    private void print() {
        System.out.printf(
                "%n| node | points/s | CPU µs a point | of which the agent | x sigma, CPU | x sigma, points/s |%n| --- | --- | --- | --- | --- | --- |%n");
        for (Kind kind : Kind.values()) {
            System.out.printf(
                    "| `%s` | %,.0f | %.1f | %.1f | %.2f | %.2f |%n",
                    kind.node,
                    median(pointsPerSecond.get(kind)),
                    median(cpuMicros.get(kind)),
                    median(agentMicros.get(kind)),
                    median(ratios(cpuMicros.get(kind), cpuMicros.get(Kind.SIGMA))),
                    median(ratios(pointsPerSecond.get(kind), pointsPerSecond.get(Kind.SIGMA))));
        }
    }

    private static double[] ratios(double[] values, double[] others) {
        double[] ratios = new double[values.length];
        Arrays.setAll(ratios, i -> values[i] / others[i]);
        return ratios;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
