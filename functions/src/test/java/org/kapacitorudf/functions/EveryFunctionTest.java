package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.functions.Samples.Sample;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Properties of every function: it is unchanged by a restart, whatever the input, and groups do not affect each other.
 */
@Tag("one-jdk")
@Tag("slow")
class EveryFunctionTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long START = 1_700_000_000_000_000_000L;
    private static final List<String> HOSTILE = List.of(
            "1e308",
            "-1e308",
            "1e149",
            "-0.0",
            "0",
            "4.9e-324",
            "9223372036854775807i",
            "-9223372036854775808i",
            "9007199254740993i",
            "\"text\"",
            "true",
            "NaN",
            "+Inf",
            "-Inf");

    static Stream<Sample> samples() {
        return Samples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void itIsTheSameAfterARestartFromASnapshotInMidSeries(Sample sample) {
        for (int seed = 0; seed < Runs.count(1, 30); seed++) {
            Random random = new Random(seed);
            List<String> lines = hostileLines(random, 400);
            int cut = random.nextInt(lines.size());
            UdfDriver one = sample.start();
            UdfDriver other = sample.start();
            pipe(one, lines.subList(0, cut));
            pipe(other, lines.subList(0, cut));
            assertThat(other.read()).isEqualTo(one.read());
            other.restartFrom(other.snapshot());
            pipe(one, lines.subList(cut, lines.size()));
            pipe(other, lines.subList(cut, lines.size()));
            assertThat(other.read()).as("seed %d, cut at %d", seed, cut).isEqualTo(one.read());
            assertThat(other.snapshot()).as("seed %d, cut at %d", seed, cut).isEqualTo(one.snapshot());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theOutputOfAGroupDoesNotDependOnTheOrderOfGroups(Sample sample) {
        List<String> lines = hostileLines(new Random(1), 600);
        List<String> byHost = new ArrayList<>(lines);
        byHost.sort(
                Comparator.comparing((String line) -> line.substring(line.indexOf("host="), line.indexOf(",member"))));
        UdfDriver mixed = sample.start();
        UdfDriver sorted = sample.start();
        pipe(mixed, lines);
        pipe(sorted, byHost);
        assertThat(sorted.read()).containsExactlyInAnyOrderElementsOf(mixed.read());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void noOutputHasANumberThatIsNotFinite(Sample sample) {
        UdfDriver driver = sample.start();
        pipe(driver, hostileLines(new Random(2), 1000));
        assertThat(driver.read())
                .as("what the function has added")
                .noneMatch(
                        line -> line.replaceAll("[ ,](value|other)=[^ ,]+", "").matches(".*=(NaN|[+-]Inf).*"));
        assertThat(driver.nonFinite()).isZero();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aGroupWithoutPointsForAsLongAsExpireSaysLeavesNoTrace(Sample sample) {
        Duration expire = Duration.ofDays(2);
        List<String> gone = hostileLines(new Random(3), 300).stream()
                .filter(line -> line.contains("host=h0"))
                .toList();
        long later = START + Duration.ofDays(60).toNanos();
        List<String> others = List.of("o,host=h1,member=m0 other=1 " + later, "m,host=h1,member=m0 value=1 " + later);
        List<String> again =
                List.of("o,host=h0,member=m0 other=1 " + later, "m,host=h0,member=m0 value=5 " + (later + MINUTE));
        UdfDriver driver = sample.start(expire);
        UdfDriver fresh = sample.start(expire);
        pipe(driver, gone);
        driver.read();
        pipe(driver, others);
        pipe(fresh, others);
        assertThat(driver.read()).isEqualTo(fresh.read());
        assertThat(driver.snapshot()).isEqualTo(fresh.snapshot());
        pipe(driver, again);
        pipe(fresh, again);
        assertThat(driver.read()).isEqualTo(fresh.read());
    }

    /**
     * Hourly points for 90 days, with all hostile values on the fifth day: the output on the last day is the same as
     * without them.
     */
    @ParameterizedTest
    @MethodSource("samples")
    void theOutputRecoversFromHostileValues(Sample sample) {
        List<Point> expected = lastDay(sample, NinetyDays.CLEAN);
        List<Point> actual = lastDay(sample, NinetyDays.WITH_HOSTILE_VALUES);
        assertThat(actual).hasSameSizeAs(expected).hasSizeGreaterThanOrEqualTo(24);
        for (int i = 0; i < actual.size(); i++) {
            Map<String, Double> doubles = actual.get(i).getFieldsDoubleMap();
            expected.get(i)
                    .getFieldsDoubleMap()
                    .forEach((name, value) -> assertThat(doubles.get(name))
                            .as("%s of %s", name, sample)
                            .isCloseTo(value, within(0.02 * Math.max(10, Math.abs(value)))));
            assertThat(actual.get(i).getFieldsIntMap())
                    .isEqualTo(expected.get(i).getFieldsIntMap());
            assertThat(actual.get(i).getFieldsBoolMap())
                    .isEqualTo(expected.get(i).getFieldsBoolMap());
        }
    }

    /** The same for each function. */
    private static final class NinetyDays {
        static final List<Point> CLEAN = points(false);
        static final List<Point> WITH_HOSTILE_VALUES = points(true);

        private static List<Point> points(boolean isHostile) {
            List<String> lines = new ArrayList<>();
            for (int hour = 0; hour < 90 * 24; hour++) {
                long time = START + hour * 60 * MINUTE;
                double value = 50 + 5 * Math.sin(2 * Math.PI * hour / 24) + new Random(hour).nextDouble();
                lines.add("o,host=h0,member=m" + hour % 5 + " other=" + hour + " " + time);
                lines.add("m,host=h0,member=m" + hour % 5 + " value=" + value + " " + time);
                if (isHostile && hour == 100) {
                    for (String each : HOSTILE) {
                        time += MINUTE;
                        lines.add("o,host=h0,member=m0 other=" + each + " " + time);
                        lines.add("m,host=h0,member=m0 value=" + each + " " + time);
                    }
                }
            }
            return Points.parse(String.join("\n", lines)).groupBy("host").list();
        }
    }

    private static List<Point> lastDay(Sample sample, List<Point> points) {
        UdfDriver driver = sample.start();
        driver.pipe(points.subList(0, points.size() - 48));
        points(sample, driver);
        driver.pipe(points.subList(points.size() - 48, points.size()));
        return points(sample, driver);
    }

    private static List<Point> points(Sample sample, UdfDriver driver) {
        return sample.udf().describe().provides() == EdgeType.BATCH
                ? driver.readBatches().stream()
                        .flatMap(batch -> batch.points().stream())
                        .toList()
                : driver.readPoints();
    }

    private static void pipe(UdfDriver driver, List<String> lines) {
        driver.pipe(lines.toArray(String[]::new));
    }

    /**
     * Two hosts with noise, hostile values, duplicates, late points and gaps; a third of the points are of the other
     * measurement.
     */
    private static List<String> hostileLines(Random random, int count) {
        List<String> lines = new ArrayList<>();
        long[] time = {START, START};
        for (int i = 0; i < count; i++) {
            int host = random.nextInt(2);
            int kind = random.nextInt(40);
            time[host] += kind == 0 ? 1000 * MINUTE : kind == 1 ? -5 * MINUTE : kind == 2 ? 0 : MINUTE;
            String field = random.nextInt(3) == 0 ? "other" : "value";
            String value = kind < 8 && kind > 2
                    ? HOSTILE.get(random.nextInt(HOSTILE.size()))
                    : String.format(Locale.ROOT, "%.3f", 50 + 5 * random.nextGaussian());
            String measurement = (field.equals("other") ? "o" : "m");
            String line =
                    measurement + ",host=h" + host + ",member=m" + i % 5 + " " + field + "=" + value + " " + time[host];
            lines.add(line);
            if (kind == 9) {
                lines.add(line);
            }
        }
        return lines;
    }
}
