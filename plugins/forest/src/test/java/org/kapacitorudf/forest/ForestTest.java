package org.kapacitorudf.forest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

@Tag("one-jdk")
@Tag("slow")
class ForestTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long START = 1_700_000_000_000_000_000L;
    private static final Path SNAPSHOTS = Path.of("src/test/resources/snapshots");
    private static final String SCORE = "score=([0-9.E-]+)";
    private static final List<String> HOSTILE = List.of(
            "1e308",
            "-1e308",
            "1e30",
            "-1e30",
            "1e-300",
            "-0.0",
            "9223372036854775807i",
            "9007199254740993i",
            "\"text\"",
            "true",
            "NaN",
            "+Inf",
            "-Inf");

    private final Random random = new Random(1);
    private long minute;

    /** A small and fast forest without a warm-up. */
    private static UdfDriver.Builder small(String... fields) {
        UdfDriver.Builder builder = UdfDriver.of(new Forest())
                .groupBy("host")
                .option("trees", 20L)
                .option("sample", 64L)
                .option("warmUp", Duration.ZERO);
        for (String field : fields) {
            builder.option("field", field);
        }
        return builder;
    }

    private String line(String fields) {
        return "m,host=a " + fields + " " + (START + minute++ * MINUTE);
    }

    private void usual(UdfDriver driver, int count) {
        for (int i = 0; i < count; i++) {
            driver.pipe(line("value=" + (50 + random.nextGaussian())));
        }
        driver.readPoints();
    }

    private Point after(UdfDriver driver, String fields) {
        driver.pipe(line(fields));
        List<Point> points = driver.readPoints();
        assertThat(points).hasSize(1);
        return points.get(0);
    }

    private static boolean alerts(Point point) {
        return point.getFieldsIntOrThrow("anomaly") != 0;
    }

    // ---- state

    @Test
    void aFieldWithACommaIsNotTwoFields() {
        assertThat(new Shape(List.of("a,b"), 1, 20, 64).key())
                .isNotEqualTo(new Shape(List.of("a", "b"), 1, 20, 64).key());
    }

    // ---- detection

    @Test
    void aValueFarAwayAlertsOnceAndTheOnesAfterItDoNot() {
        UdfDriver driver = small("value").start();
        usual(driver, 300);
        Point spike = after(driver, "value=90");
        assertThat(alerts(spike)).isTrue();
        assertThat(spike.getFieldsDoubleOrThrow("score")).isGreaterThanOrEqualTo(1);
        assertThat(spike.getFieldsBoolOrThrow("ready")).isTrue();
        assertThat(alerts(after(driver, "value=90"))).isFalse();
        Point usual = after(driver, "value=50");
        assertThat(alerts(usual)).isFalse();
        assertThat(usual.getFieldsDoubleOrThrow("score")).isBetween(0.0, 1.0);
    }

    /** Each value alone is usual: the purpose of a forest. */
    @Test
    void aCombinationThatWasNeverThereAlerts() {
        UdfDriver driver = small("load", "requests").option("threshold", 2.0).start();
        for (int i = 0; i < 400; i++) {
            double load = 100 * random.nextDouble();
            driver.pipe(line("load=" + load + ",requests=" + (20 * load + 20 * random.nextGaussian())));
        }
        driver.readPoints();
        assertThat(alerts(after(driver, "load=10.0,requests=210.0"))).isFalse();
        assertThat(alerts(after(driver, "load=90.0,requests=1790.0"))).isFalse();
        assertThat(alerts(after(driver, "load=95.0,requests=30.0"))).isTrue();
    }

    @Test
    void theCauseIsTheFieldThatIsFarthestAway() {
        UdfDriver driver = small("huge", "tiny", "int").start();
        for (int i = 0; i < 300; i++) {
            driver.pipe(line(triple(0)));
        }
        assertThat(driver.readPoints()).noneMatch(point -> point.containsFieldsString("cause"));
        Point point = after(driver, triple(30));
        assertThat(alerts(point)).isTrue();
        assertThat(point.getFieldsStringOrThrow("cause")).isEqualTo("tiny");
    }

    /** Fields of very different sizes, one of them so large that a float could not hold its noise. */
    private String triple(double offOfTiny) {
        return String.format(
                Locale.ROOT,
                "huge=%.1f,tiny=%.9f,int=%di",
                1e12 + 100 * random.nextGaussian(),
                0.001 + 0.0001 * (random.nextGaussian() + offOfTiny),
                1000 + random.nextInt(50));
    }

    @Test
    void aShingleFindsValuesInAnUnusualOrder() {
        UdfDriver driver =
                small("value").option("shingle", 4L).option("threshold", 1.8).start();
        for (int i = 0; i < 600; i++) {
            driver.pipe(line("value=" + (i % 4 * 10 + random.nextGaussian())));
        }
        List<Point> points = driver.readPoints();
        assertThat(points.subList(300, 600)).noneMatch(ForestTest::alerts);
        after(driver, "value=0");
        assertThat(alerts(after(driver, "value=30"))).isTrue();
    }

    @Test
    void aConstantNeverAlertsAndItsFirstChangeAlertsOnce() {
        UdfDriver driver = small("value").start();
        for (int i = 0; i < 300; i++) {
            driver.pipe(line("value=42i"));
        }
        assertThat(driver.readPoints()).noneMatch(ForestTest::alerts);
        assertThat(alerts(after(driver, "value=43i"))).isTrue();
        for (int i = 0; i < 300; i++) {
            driver.pipe(line("value=43i"));
        }
        assertThat(driver.readPoints()).noneMatch(ForestTest::alerts);
    }

    @Test
    void thereIsNoAlertDuringTheWarmUp() {
        UdfDriver driver = UdfDriver.of(new Forest())
                .option("field", "value")
                .option("trees", 20L)
                .option("sample", 64L)
                .option("warmUp", Duration.ofMinutes(200))
                .groupBy("host")
                .start();
        usual(driver, 150);
        Point early = after(driver, "value=90");
        assertThat(early.getFieldsBoolOrThrow("ready")).isFalse();
        assertThat(early.getFieldsDoubleOrThrow("score")).isGreaterThan(1);
        assertThat(alerts(early)).isFalse();
        usual(driver, 100);
        assertThat(alerts(after(driver, "value=190"))).isTrue();
    }

    @Test
    void withoutAQuietTimeEachUnusualPointAlerts() {
        UdfDriver driver = small("value").option("quiet", Duration.ZERO).start();
        usual(driver, 300);
        assertThat(alerts(after(driver, "value=90"))).isTrue();
        assertThat(alerts(after(driver, "value=10"))).isTrue();
    }

    @Test
    void anomaliesAloneGoOnIfThatIsAskedForAndTheFieldsHaveThePrefix() {
        UdfDriver driver =
                small("value").option("emit", "anomalies").option("as", "f_").start();
        usual(driver, 300);
        driver.pipe(line("value=90"), line("value=50"));
        List<Point> points = driver.readPoints();
        assertThat(points).hasSize(1);
        assertThat(points.get(0).getFieldsIntOrThrow("f_anomaly")).isEqualTo(1);
        assertThat(points.get(0).getFieldsStringOrThrow("f_cause")).isEqualTo("value");
        assertThat(points.get(0).getFieldsDoubleOrThrow("value")).isEqualTo(90);
    }

    @Test
    void changesAreTheAlertAndThePointAfterIt() {
        UdfDriver driver = small("value").option("emit", "changes").start();
        usual(driver, 300);
        driver.pipe(line("value=90"), line("value=50"), line("value=50"));
        assertThat(driver.readPoints())
                .extracting(point -> point.getFieldsIntOrThrow("anomaly"))
                .containsExactly(1L, 0L);
    }

    // ---- bad input

    @Test
    void aPointWithoutANumberInEachFieldIsSkippedAndNeverLearnt() {
        UdfDriver clean = small("value").start();
        UdfDriver hostile = small("value").start();
        for (int i = 0; i < 300; i++) {
            String line = line("value=" + (50 + random.nextGaussian()));
            clean.pipe(line);
            hostile.pipe(line);
            if (i % 50 == 10) {
                for (String bad :
                        List.of("value=NaN", "value=+Inf", "value=1e300", "value=\"x\"", "value=true", "other=1")) {
                    hostile.pipe("m,host=a " + bad + " " + (START + minute * MINUTE - 1));
                }
            }
        }
        assertThat(hostile.readPoints()).isEqualTo(clean.readPoints());
        assertThat(hostile.skipped())
                .hasSize(36)
                .contains("point: field \"value\": NaN (expected: a finite number from -1.0E30 to 1.0E30)");
        assertThat(hostile.snapshot()).isEqualTo(clean.snapshot());
    }

    @Test
    void whateverTheNumbersTheScoresAreFinite() {
        UdfDriver driver = small("value", "other").start();
        double[] numbers = {1e30, -1e30, 0, -0.0, 4.9e-324, 9e18, 1, 1e-300};
        for (int i = 0; i < 600; i++) {
            driver.pipe(line("value=" + numbers[random.nextInt(numbers.length)] + ",other="
                    + numbers[random.nextInt(i % 200 < 100 ? 8 : 3)]));
        }
        List<Point> points = driver.readPoints();
        assertThat(points).hasSize(600);
        assertThat(points)
                .allSatisfy(point ->
                        assertThat(point.getFieldsDoubleOrThrow("score")).isFinite());
        assertThat(driver.nonFinite()).isZero();
    }

    @Test
    void aLatePointIsJudgedAndNotLearntAndADuplicateChangesNothing() {
        UdfDriver driver = small("value").start();
        UdfDriver other = small("value").start();
        for (int i = 0; i < 200; i++) {
            String line = line("value=" + (50 + random.nextGaussian()));
            driver.pipe(line);
            other.pipe(line, line);
            if (i % 20 == 19) {
                other.pipe("m,host=a value=51 " + (START + (minute - 5) * MINUTE));
            }
        }
        assertThat(other.readPoints()).hasSize(410);
        driver.readPoints();
        String next = line("value=50.5");
        driver.pipe(next);
        other.pipe(next);
        assertThat(other.read()).isEqualTo(driver.read());
    }

    @Test
    void afterTwentyLatePointsTheNextOneIsLearnt() {
        UdfDriver driver = small("value").start();
        usual(driver, 100);
        minute -= 1000;
        usual(driver, 21);
        byte[] before = driver.snapshot();
        usual(driver, 1);
        assertThat(driver.snapshot()).isNotEqualTo(before);
    }

    // ---- state

    @Test
    void scoresAreEqualToTheBitAfterARestartFromASnapshotInMidSeries() {
        for (int seed = 0; seed < 6; seed++) {
            Random choice = new Random(seed);
            long shingle = 1 + seed % 3;
            List<String> lines = hostileLines(choice, 1000);
            int cut = choice.nextInt(lines.size());
            UdfDriver one = small("value", "other").option("shingle", shingle).start();
            UdfDriver other = small("value", "other").option("shingle", shingle).start();
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

    /** After 1100 points a state of the forest has been saved, and 76 points have come since. */
    @Test
    void aForestOfDefaultSizeGivesTheSameScoresAfterARestart() {
        UdfDriver one = ofDefaultSize();
        UdfDriver other = ofDefaultSize();
        List<String> lines = hostileLines(new Random(7), 2800).stream()
                .filter(line -> line.contains("host=h0"))
                .toList();
        pipe(one, lines.subList(0, 1100));
        pipe(other, lines.subList(0, 1100));
        other.read();
        one.read();
        other.restartFrom(other.snapshot());
        pipe(one, lines.subList(1100, lines.size()));
        pipe(other, lines.subList(1100, lines.size()));
        assertThat(other.read()).isEqualTo(one.read());
    }

    private static UdfDriver ofDefaultSize() {
        return UdfDriver.of(new Forest())
                .option("field", "value")
                .option("field", "other")
                .groupBy("host")
                .start();
    }

    @Test
    void theOutputOfAGroupDoesNotDependOnTheOrderOfGroups() {
        List<String> lines = hostileLines(new Random(1), 500);
        List<String> byHost = new ArrayList<>(lines);
        byHost.sort(Comparator.comparing((String line) -> line.substring(0, line.indexOf(' '))));
        UdfDriver mixed = small("value", "other").start();
        UdfDriver sorted = small("value", "other").start();
        pipe(mixed, lines);
        pipe(sorted, byHost);
        assertThat(sorted.read()).containsExactlyInAnyOrderElementsOf(mixed.read());
    }

    /**
     * Later versions of the function or the library must be able to read it. {@code -Dudf.write=true} writes it once.
     */
    @Test
    void aKeptSnapshotGoesOnWhereItStopped() throws IOException {
        Path snapshot = SNAPSHOTS.resolve("forest-2.snapshot");
        Path expected = SNAPSHOTS.resolve("forest-2.txt");
        List<String> lines = hostileLines(new Random(3), 820);
        if (!Files.exists(snapshot) && Boolean.getBoolean("udf.write")) {
            UdfDriver driver = small("value", "other").start();
            pipe(driver, lines.subList(0, 800));
            driver.read();
            Files.write(snapshot, driver.snapshot());
            pipe(driver, lines.subList(800, lines.size()));
            Files.write(expected, driver.read());
        }
        UdfDriver driver = small("value", "other").start();
        driver.restartFrom(Files.readAllBytes(snapshot));
        pipe(driver, lines.subList(800, lines.size()));
        assertThat(driver.read()).isEqualTo(Files.readAllLines(expected));
    }

    /**
     * Version 1 did not round the numbers of a forest, which begins again with the last points. The text has the points
     * that version 1 emitted.
     */
    @Test
    void aSnapshotOfVersion1GoesOnWithNearlyTheSameScores() throws IOException {
        UdfDriver driver = small("value", "other").start();
        driver.restartFrom(Files.readAllBytes(SNAPSHOTS.resolve("forest-1.snapshot")));
        List<String> lines = hostileLines(new Random(3), 820);
        pipe(driver, lines.subList(800, lines.size()));
        List<String> points = driver.read();
        List<String> before = Files.readAllLines(SNAPSHOTS.resolve("forest-1.txt"));
        assertThat(points).hasSameSizeAs(before);
        for (int i = 0; i < points.size(); i++) {
            assertThat(points.get(i).replaceAll(SCORE, ""))
                    .isEqualTo(before.get(i).replaceAll(SCORE, ""));
            assertThat(score(points.get(i))).isCloseTo(score(before.get(i)), within(0.1));
        }
    }

    private static double score(String line) {
        Matcher score = Pattern.compile(SCORE).matcher(line);
        assertThat(score.find()).isTrue();
        return Double.parseDouble(score.group(1));
    }

    @Test
    void withOtherOptionsTheForestBeginsAgain() {
        UdfDriver before = small("value").start();
        usual(before, 200);
        byte[] snapshot = before.snapshot();
        UdfDriver driver = small("value").option("shingle", 2L).start();
        driver.restartFrom(snapshot);
        assertThat(after(driver, "value=50").getFieldsDoubleOrThrow("score")).isZero();
        assertThat(after(driver, "value=90").getFieldsBoolOrThrow("ready")).isFalse();
    }

    @Test
    void aGroupWithoutPointsForAsLongAsExpireSaysIsForgotten() {
        UdfDriver driver = small("value").option("expire", Duration.ofDays(1)).start();
        usual(driver, 200);
        driver.pipe("m,host=b value=1 " + (START + Duration.ofDays(3).toNanos()));
        driver.readPoints();
        minute = Duration.ofDays(3).toMinutes() + 1;
        assertThat(after(driver, "value=90").getFieldsBoolOrThrow("ready")).isFalse();
        assertThat(driver.counters()).containsEntry("forgotten_groups", 0L);
    }

    // ---- bounds

    @Test
    void theStartTellsWhatAGroupTakes() {
        UdfDriver driver = ofDefaultSize();
        assertThat(driver.logs())
                .contains("INFO groups: up to 126640 bytes each in a snapshot, at most 200 groups, so up to 25328000 of"
                        + " maxSnapshotBytes, 67108864");
    }

    @Test
    void moreGroupsThanFitIntoASnapshotAreRefused() {
        assertThatThrownBy(() -> small("value").option("atMost", 10_000L).start())
                .hasMessageContaining("atMost: 10000 (expected: <= 2673, because a group takes up to 25104 bytes in a"
                        + " snapshot, and maxSnapshotBytes is 67108864");
    }

    @Test
    void aGroupTakesNoMoreInASnapshotThanTheStartHasTold() {
        for (int shingle : new int[] {1, 8}) {
            Shape shape = new Shape(List.of("value", "other"), shingle, 20, 64);
            UdfDriver driver = small("value", "other")
                    .option("shingle", (long) shingle)
                    .option("atMost", 1L)
                    .config(AgentConfig.builder()
                            .maxSnapshotBytes(Math.toIntExact(shape.snapshotBytes()))
                            .build())
                    .start();
            for (int i = 0; i < 3000; i++) {
                driver.pipe(line("value=" + random.nextGaussian() + ",other=" + random.nextGaussian()));
            }
            driver.readPoints();
            assertThat(driver.snapshot().length).isGreaterThan((int) shape.snapshotBytes() / 4);
            assertThat(driver.logs()).noneMatch(log -> log.startsWith("ERROR"));
        }
    }

    /** Of values that cannot be deflated, when a state of the forest is to be saved next. */
    @Test
    void aGroupWithEightFieldsTakesLessThan120KibibytesInADeflatedSnapshot() {
        UdfDriver.Builder builder = UdfDriver.of(new Forest());
        for (int field = 0; field < 8; field++) {
            builder.option("field", "f" + field);
        }
        UdfDriver driver = builder.start();
        for (int i = 0; i < 6100; i++) {
            StringBuilder fields = new StringBuilder("f0=" + random.nextGaussian());
            for (int field = 1; field < 8; field++) {
                fields.append(",f").append(field).append('=').append(random.nextGaussian());
            }
            driver.pipe(line(fields.toString()));
        }
        driver.readPoints();
        assertThat(driver.snapshot().length).isBetween(90 * 1024, 120 * 1024);
    }

    @Test
    void nearlyAsManyGroupsAsThereMayBeAreToldBeforeOneIsForgotten() {
        UdfDriver driver = small("value").option("atMost", 5L).start();
        for (int i = 0; i < 4; i++) {
            assertThat(driver.logs()).noneMatch(log -> log.startsWith("WARN"));
            driver.pipe("m,host=h" + i + " value=1 " + START);
        }
        assertThat(driver.logs())
                .filteredOn(log -> log.startsWith("WARN"))
                .singleElement()
                .asString()
                .startsWith("WARN groups: 4 (expected: less than 80 % of atMost, 5)");
        for (int i = 4; i < 8; i++) {
            driver.pipe("m,host=h" + i + " value=1 " + START);
        }
        assertThat(driver.logs())
                .filteredOn(log -> log.startsWith("WARN"))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("WARN groups: more than 5 (expected: <= atMost)");
        assertThat(driver.counters()).containsEntry("forgotten_groups", 3L);
    }

    @Test
    void thePageHasTheTickScriptOfTheFunction() throws IOException {
        try (InputStream script = Forest.class.getResourceAsStream("forest.tick")) {
            assertThat(Files.readString(Path.of("../../docs/functions/forest.md")))
                    .contains(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> small().start()).hasMessageContaining("field");
        assertThatThrownBy(() -> small("a", "b", "a").start())
                .hasMessageContaining("field: \"a\" (expected: each field once)");
        assertThatThrownBy(() -> small("").start()).hasMessageContaining("not empty");
        assertThatThrownBy(() -> small("a", "b", "c").option("shingle", 30L).start())
                .hasMessageContaining("shingle: 30 (expected: <= 21, 64 / number of fields)");
        assertThatThrownBy(() -> small("abcdefghijklmnopq".split("")).start())
                .hasMessageContaining("field: 17 fields (expected: <= 16)");
        assertThatThrownBy(() -> small("a").option("threshold", 0.0).start()).hasMessageContaining("threshold: 0");
    }

    private static void pipe(UdfDriver driver, List<String> lines) {
        driver.pipe(lines.toArray(String[]::new));
    }

    /** Two hosts with noise, hostile values, duplicates, late points, gaps, and a field whose spread changes. */
    private static List<String> hostileLines(Random random, int count) {
        List<String> lines = new ArrayList<>();
        long[] time = {START, START};
        for (int i = 0; i < count; i++) {
            int host = random.nextInt(2);
            int kind = random.nextInt(60);
            time[host] += kind == 0 ? 1000 * MINUTE : kind == 1 ? -5 * MINUTE : kind == 2 ? 0 : MINUTE;
            String value = kind < 8 && kind > 2
                    ? HOSTILE.get(random.nextInt(HOSTILE.size()))
                    : String.format(Locale.ROOT, "%.3f", 50 + 5 * random.nextGaussian());
            double other = random.nextGaussian() * (i > count / 2 ? 100 : 1);
            String line = "m,host=h" + host + " value=" + value + ",other=" + other + " " + time[host];
            lines.add(line);
            if (kind == 9) {
                lines.add(line);
            }
        }
        return lines;
    }
}
