package org.kapacitorudf.benchmarks.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.functions.Baseline;
import org.kapacitorudf.functions.Changepoint;
import org.kapacitorudf.functions.CountDistinct;
import org.kapacitorudf.functions.Deviation;
import org.kapacitorudf.functions.Forecast;
import org.kapacitorudf.functions.ForecastBatch;
import org.kapacitorudf.functions.Latest;
import org.kapacitorudf.functions.Peers;
import org.kapacitorudf.functions.Quantiles;
import org.kapacitorudf.functions.Resample;
import org.kapacitorudf.functions.Sessions;
import org.kapacitorudf.functions.Smooth;
import org.kapacitorudf.functions.TimeTo;
import org.kapacitorudf.functions.TopK;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Each function tells how many groups fit into a snapshot, before there are that many, and its figure is that of a real
 * snapshot.
 */
@Tag("one-jdk")
@Tag("slow")
class SnapshotBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_700_000_000_000_000_000L;
    private static final int GROUPS = 10;
    private static final int LARGEST = 1 << 30;
    private static final Pattern TOLD =
            Pattern.compile("INFO (?:groups|members): up to (\\d+) bytes each in a snapshot.*");

    /**
     * A function with much state.
     *
     * @param help the option that makes it less
     * @param stepSeconds the time from one point of a group to the next
     * @param points how many a group has until it is as large as it gets
     */
    private record Load(
            String name, Udf udf, String help, List<Setting> settings, String lines, int stepSeconds, int points) {
        private record Setting(String option, Object[] arguments) {}

        private Load with(String option, Object... arguments) {
            List<Setting> more = new ArrayList<>(settings);
            more.add(new Setting(option, arguments));
            return new Load(name, udf, help, more, lines, stepSeconds, points);
        }

        UdfDriver start(int maxSnapshotBytes) {
            UdfDriver.Builder builder = UdfDriver.of(udf)
                    .groupBy("host")
                    .config(AgentConfig.builder()
                            .maxSnapshotBytes(maxSnapshotBytes)
                            .build());
            settings.forEach(setting -> builder.option(setting.option, setting.arguments));
            return builder.start();
        }

        /** A point of a group, or of a member of the only group. */
        String line(int group, int i) {
            Random random = new Random(1000L * i + group);
            return lines.formatted(
                            name.equals("peers") ? 0 : group,
                            group,
                            random.nextGaussian(),
                            random.ints(20, 'a', 'z' + 1)
                                    .mapToObj(letter -> String.valueOf((char) letter))
                                    .collect(Collectors.joining()))
                    + " " + (START + i * stepSeconds * SECOND);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Load load(String name, Udf udf, String help, int stepSeconds, int points) {
        return new Load(
                name,
                udf,
                help,
                List.of(),
                "m,host=server%1$05d,member=server%2$05d value=%3$s,text=\"%4$s\"",
                stepSeconds,
                points);
    }

    private static Load number(String name, Udf udf, String help, int stepSeconds, int points) {
        return load(name, udf, help, stepSeconds, points).with("field", "value");
    }

    static Stream<Load> loads() {
        return Stream.of(
                number("deviation", new Deviation(), "let groups expire sooner", 600, 1000),
                number("baseline", new Baseline(), "set .season('day') or a larger .bucket()", 600, 2016),
                number("baseline-day", new Baseline(), "set a larger .bucket()", 600, 1000)
                        .with("season", "day"),
                number("timeTo", new TimeTo(), "set fewer .buckets()", 200, 300).with("threshold", 1e9),
                number("smooth", new Smooth(), "let groups expire sooner", 10, 100),
                number("smooth-median", new Smooth(), "set a smaller .size()", 10, 200)
                        .with("method", "median")
                        .with("size", 101),
                number("smooth-mean", new Smooth(), "set a smaller .size()", 10, 100)
                        .with("method", "mean")
                        .with("size", 50),
                load("latest", new Latest(), "name fewer fields with .of()", 10, 10)
                        .with("lead", "other")
                        .with("of", "m", "value"),
                number("resample", new Resample(), "let groups expire sooner", 10, 100),
                number("forecast", new Forecast(), "set .grid(FALSE)", 3600, 300)
                        .with("lastOnly"),
                number("forecast-fixed", new Forecast(), "set a larger .every() or a shorter .longSeason()", 3600, 300)
                        .with("grid", false)
                        .with("lastOnly"),
                number("forecastBatch", new ForecastBatch(), "set .grid(FALSE)", 3600, 300),
                number("quantiles", new Quantiles(), "set fewer .panes()", 1, 1799)
                        .with("window", Duration.ofMinutes(30))
                        .with("panes", 3),
                load("countDistinct", new CountDistinct(), "set fewer .panes() or a lower .precision()", 1, 1799)
                        .with("field", "text")
                        .with("precision", 8)
                        .with("panes", 3),
                load("countDistinct-sketch", new CountDistinct(), "set fewer .panes() or a lower .precision()", 1, 899)
                        .with("field", "text")
                        .with("precision", 12)
                        .with("window", Duration.ofMinutes(15))
                        .with("panes", 3),
                load("topK", new TopK(), "set fewer .counters(), fewer .panes() or a shorter .maxLength()", 1, 1799)
                        .with("field", "text")
                        .with("panes", 3),
                number("changepoint", new Changepoint(), "set a smaller .confirm()", 10, 9),
                number("peers", new Peers(), "set a smaller .maxMembers()", 10, 50)
                        .with("by", "member"),
                load("sessions", new Sessions(), "let groups expire sooner", 10, 100));
    }

    @ParameterizedTest
    @MethodSource("loads")
    void aGroupTakesAsManyBytesInASnapshotAsTheLogTells(Load load) {
        long one = plainBytes(load, 1);
        double real = (plainBytes(load, GROUPS + 1) - one) / (double) GROUPS;
        try (UdfDriver driver = load.start(100_000)) {
            assertThat(told(driver)).isCloseTo(real, within(0.1 * real));
        }
    }

    /** Long before the snapshot is that large: many have little state at first. */
    @ParameterizedTest
    @MethodSource("loads")
    void groupsThatWillNotFitIntoASnapshotAreWarnedOfOnce(Load load) {
        double bytes;
        try (UdfDriver driver = load.start(100_000)) {
            bytes = told(driver);
        }
        int limit = (int) (10 * bytes);
        try (UdfDriver driver = load.start(limit)) {
            assertThat(driver.logs())
                    .anyMatch(line -> line.contains("so 10 of them fit into maxSnapshotBytes, " + limit));
            IntStream.range(0, 7).forEach(group -> driver.pipe(load.line(group, 0)));
            assertThat(driver.logs()).noneMatch(line -> line.startsWith("WARN"));
            IntStream.range(7, 10).forEach(group -> driver.pipe(load.line(group, 0)));
            assertThat(driver.logs())
                    .filteredOn(line -> line.startsWith("WARN"))
                    .singleElement()
                    .asString()
                    .matches("WARN (groups|members): 8, which take up to .*")
                    .contains("(expected: less than 80 % of maxSnapshotBytes, " + limit + ")", load.help);
        }
    }

    /** A handler with the state of a snapshot knows how many members that has. */
    @Test
    void membersThatWereRestoredCount() {
        Load load = number("peers", new Peers(), "", 10, 50).with("by", "member");
        try (UdfDriver driver = load.start(1500)) {
            for (int slot = 0; slot < 3; slot++) {
                int at = slot;
                IntStream.range(0, 28).forEach(member -> driver.pipe(load.line(member, at)));
            }
            driver.restartFrom(driver.snapshot());
            assertThat(driver.logs()).noneMatch(line -> line.startsWith("WARN members"));
            IntStream.range(28, 31).forEach(member -> driver.pipe(load.line(member, 2)));
            assertThat(driver.logs()).anyMatch(line -> line.startsWith("WARN members: 30, "));
        }
    }

    @ParameterizedTest
    @MethodSource("loads")
    void thereIsNoLineInTheLogAboutManyGroupsThatFit(Load load) {
        try (UdfDriver driver = load.start(LARGEST)) {
            assertThat(driver.logs()).noneMatch(line -> TOLD.matcher(line).matches());
        }
    }

    @Test
    void optionsWithWhichNoGroupFitsAreWarnedOfAtTheStart() {
        try (UdfDriver driver = load("topK", new TopK(), "", 1, 1)
                .with("field", "text")
                .with("counters", 2000)
                .with("panes", 60)
                .with("window", Duration.ofHours(1))
                .start(1_000_000)) {
            assertThat(driver.logs())
                    .filteredOn(line -> line.startsWith("WARN"))
                    .singleElement()
                    .asString()
                    .matches("WARN groups: up to \\d{7} bytes each in a snapshot \\(expected: <= 800000, 80 % of"
                            + " maxSnapshotBytes\\).*set fewer \\.counters\\(\\), .*");
        }
    }

    private static double told(UdfDriver driver) {
        return driver.logs().stream()
                .map(TOLD::matcher)
                .filter(Matcher::matches)
                .mapToDouble(line -> Double.parseDouble(line.group(1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line about groups: " + driver.logs()));
    }

    /** How large a snapshot is before it is deflated. */
    private static long plainBytes(Load load, int groups) {
        try (UdfDriver driver = load.start(LARGEST)) {
            for (int i = 0; i < load.points; i++) {
                int at = i;
                driver.pipe(IntStream.range(0, groups)
                        .mapToObj(group -> load.line(group, at))
                        .toArray(String[]::new));
                if (load.udf instanceof ForecastBatch) {
                    driver.readBatches();
                } else {
                    driver.readPoints();
                }
            }
            return Costs.plainBytes(driver.snapshot());
        }
    }
}
