package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

@Tag("one-jdk")
class ForecastTest {
    private static final long HOUR = 3_600_000_000_000L;

    @Test
    void aPointComesOutForEachStepWithTheTagsOfItsGroup() {
        UdfDriver driver = small(new Forecast()).start();
        driver.pipe(constant(0, 40, "m,host=a,cpu=0 value=5i,other=1 "));
        driver.read();
        driver.pipe(constant(40, 1, "m,host=a,cpu=0 value=5i,other=1 "));
        driver.expect(
                "m,host=a forecast=5,lower=5,upper=5,step=1i " + 41 * HOUR,
                "m,host=a forecast=5,lower=5,upper=5,step=2i " + 42 * HOUR,
                "m,host=a forecast=5,lower=5,upper=5,step=3i " + 43 * HOUR);
    }

    @Test
    void withLastOnlyThereIsOnePointEachInterval() {
        UdfDriver driver =
                small(new Forecast()).option("lastOnly").option("as", "cpu_").start();
        driver.pipe(constant(0, 40, "m,host=a value=5 "));
        driver.read();
        driver.pipe(constant(40, 2, "m,host=a value=5 "));
        driver.expect(
                "m,host=a cpu_forecast=5,cpu_lower=5,cpu_upper=5,cpu_step=3i " + 43 * HOUR,
                "m,host=a cpu_forecast=5,cpu_lower=5,cpu_upper=5,cpu_step=3i " + 44 * HOUR);
    }

    @Test
    void theBatchHasAllStepsAndTheTimeOfTheLast() {
        UdfDriver driver = small(new ForecastBatch()).start();
        driver.pipe(constant(0, 40, "m,host=a,cpu=0 value=5 "));
        driver.readBatches();
        driver.pipe(constant(40, 1, "m,host=a,cpu=0 value=5 "));
        driver.expect(
                "batch m,host=a until " + 43 * HOUR,
                "m,host=a forecast=5,lower=5,upper=5,step=1i " + 41 * HOUR,
                "m,host=a forecast=5,lower=5,upper=5,step=2i " + 42 * HOUR,
                "m,host=a forecast=5,lower=5,upper=5,step=3i " + 43 * HOUR);
    }

    @Test
    void aLatePointIsSkipped() {
        UdfDriver driver = small(new Forecast()).start();
        driver.pipe("m,host=a value=1 " + HOUR, "m,host=a value=1 5");
        assertThat(driver.skipped())
                .singleElement()
                .asString()
                .contains("time: 5 (expected: >= " + HOUR + ", the time of the last point of the group)");
    }

    /** Five weeks, so that all of the state is in use; hostile values in both halves. */
    @Test
    void aForecastThatIsReadyIsTheSameAfterARestart() {
        for (Udf udf : List.of(new Forecast(), new ForecastBatch())) {
            List<String> lines = new ArrayList<>();
            Random random = new Random(1);
            for (int hour = 0; hour < 5 * 168; hour++) {
                double value = 50 + 20 * Math.sin(2 * Math.PI * hour / 24) + random.nextGaussian();
                lines.add("m,host=a value=" + (random.nextInt(50) == 0 ? 9e18 : value) + " " + hour * HOUR);
            }
            UdfDriver one = builder(udf).start();
            UdfDriver other = builder(udf).start();
            pipe(one, lines.subList(0, 600));
            pipe(other, lines.subList(0, 600));
            assertThat(other.read()).hasSizeGreaterThan(500 * 24).isEqualTo(one.read());
            other.restartFrom(other.snapshot());
            pipe(one, lines.subList(600, lines.size()));
            pipe(other, lines.subList(600, lines.size()));
            assertThat(other.read()).hasSizeGreaterThan(200 * 24).isEqualTo(one.read());
            assertThat(other.snapshot()).isEqualTo(one.snapshot());
        }
    }

    @Test
    void whateverTheValuesTheForecastsAreFinite() {
        UdfDriver driver = small(new Forecast()).start();
        Random random = new Random(2);
        double[] hostile = {1e30, -1e30, 1e29, 0, -0.0, 4.9e-324, 9e18, 1, 1e-300};
        List<String> lines = new ArrayList<>();
        for (int hour = 0; hour < 3000; hour++) {
            double value = hostile[random.nextInt(hour % 500 < 250 ? hostile.length : 5)];
            lines.add("m,host=a value=" + value + " " + hour * HOUR);
        }
        pipe(driver, lines);
        List<Point> points = driver.readPoints();
        assertThat(points).hasSizeGreaterThan(8000);
        for (Point point : points) {
            double forecast = point.getFieldsDoubleOrThrow("forecast");
            assertThat(forecast)
                    .isFinite()
                    .isBetween(point.getFieldsDoubleOrThrow("lower"), point.getFieldsDoubleOrThrow("upper"));
        }
        assertThat(driver.nonFinite()).isZero();
    }

    /** Long before the snapshot reaches that size: a series has little state until its first season is complete. */
    @Test
    void groupsThatWillNotFitIntoASnapshotAreWarnedOfOnce() {
        UdfDriver driver = builder(new ForecastBatch())
                .config(AgentConfig.builder().maxSnapshotBytes(100_000).build())
                .start();
        assertThat(driver.logs()).anyMatch(line -> line.contains("so 4 of them fit into maxSnapshotBytes, 100000"));
        driver.pipe("m,host=a value=1 0", "m,host=b value=1 0", "m,host=c value=1 0");
        assertThat(driver.logs()).noneMatch(line -> line.startsWith("WARN"));
        driver.pipe("m,host=d value=1 0", "m,host=e value=1 0");
        assertThat(driver.logs())
                .filteredOn(line -> line.startsWith("WARN"))
                .singleElement()
                .asString()
                .startsWith("WARN groups: 4, which take ")
                .contains("(expected: less than 80 % of maxSnapshotBytes, 100000)", "set .grid(FALSE)");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder(new Forecast())
                        .option("every", Duration.ofMinutes(7))
                        .start())
                .hasMessageContaining("season: 86400s (expected: a multiple of every, 420s");
        assertThatThrownBy(() -> builder(new Forecast())
                        .option("every", Duration.ofMinutes(1))
                        .start())
                .hasMessageContaining(
                        "longSeason: 604800s (expected: a multiple of every, 60s, 0 or at least 2 and at most"
                                + " 2016 times)");
        assertThatThrownBy(() -> builder(new Forecast())
                        .option("season", Duration.ofHours(1))
                        .start())
                .hasMessageContaining("season: 3600s (expected: a multiple of every, 3600s, 0 or at least 2");
        assertThatThrownBy(() -> builder(new Forecast())
                        .option("horizon", Duration.ofDays(20))
                        .start())
                .hasMessageContaining(
                        "horizon: 1728000s (expected: a multiple of every, 3600s, and at most 288 times)");
        assertThatThrownBy(() -> builder(new Forecast())
                        .option("longSeason", Duration.ofHours(12))
                        .start())
                .hasMessageContaining("longSeason: 43200s (expected: 0s, or > season, 86400s)");
        assertThatThrownBy(() -> builder(new ForecastBatch())
                        .option("min", 5.0)
                        .option("max", 4.0)
                        .start())
                .hasMessageContaining("max: 4.0 (expected: > min, 5.0)");
        assertThatThrownBy(() ->
                        builder(new ForecastBatch()).option("coverage", 1.0).start())
                .hasMessageContaining("coverage");
        assertThatThrownBy(() -> UdfDriver.of(new Forecast()).start()).hasMessageContaining("field: missing");
    }

    private static String[] constant(int fromHour, int count, String line) {
        String[] lines = new String[count];
        for (int i = 0; i < count; i++) {
            lines[i] = line + (fromHour + i) * HOUR;
        }
        return lines;
    }

    private static void pipe(UdfDriver driver, List<String> lines) {
        driver.pipe(lines.toArray(String[]::new));
    }

    private static UdfDriver.Builder small(Udf udf) {
        return builder(udf)
                .option("season", Duration.ofHours(4))
                .option("longSeason", Duration.ofHours(12))
                .option("horizon", Duration.ofHours(3));
    }

    private static UdfDriver.Builder builder(Udf udf) {
        return UdfDriver.of(udf).groupBy("host").option("field", "value");
    }
}
