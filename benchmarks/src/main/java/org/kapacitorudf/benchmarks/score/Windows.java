package org.kapacitorudf.benchmarks.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.kapacitorudf.functions.distinct.DistinctSeries;
import org.kapacitorudf.functions.distinct.ValueHash;
import org.kapacitorudf.functions.panes.PaneSeries;
import org.kapacitorudf.functions.panes.SlidingWindow;
import org.kapacitorudf.functions.quantiles.DigestSeries;
import org.kapacitorudf.functions.quantiles.Distribution;
import org.kapacitorudf.functions.top.TopSeries;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Generates the measurements on the pages of {@code quantiles}, {@code countDistinct} and {@code topK}: the size of a
 * window, and the errors of the results.
 */
final class Windows {
    private static final int RUNS = 1000;
    private static final int PANES = 5;
    private static final long PANE_NANOS = 60_000_000_000L;
    private static final int PRECISION = 10;
    private static final int COUNTERS = 100;
    private static final int GROUPS = 2;
    private static final int MINUTES = 60;

    private Windows() {}

    // The size of a window.

    static String costOfQuantiles() {
        StringBuilder table = costs("points in a pane");
        for (int points : new int[] {1, 10, 100, 1000, 10_000}) {
            DigestSeries series = new DigestSeries();
            Random random = new Random(1);
            fill(series, points, (slot, i) -> series.add(slot, PANES, random.nextGaussian()));
            row(table, points, series, FunctionRun.of("quantiles"), i -> number(new Random(i).nextGaussian()));
        }
        return table.toString().strip();
    }

    static String costOfCountDistinct() {
        StringBuilder table = costs("different values in a pane");
        for (int points : new int[] {1, 10, 100, 1000, 10_000}) {
            DistinctSeries series = new DistinctSeries();
            fill(series, points, (slot, i) -> series.add(slot, PANES, ValueHash.of(name(i)), PRECISION));
            row(table, points, series, FunctionRun.of("countDistinct"), i -> text(name(i)));
        }
        return table.toString().strip();
    }

    static String costOfTopK() {
        StringBuilder table = costs("different values of 13 characters in a pane");
        for (int points : new int[] {1, 10, 100, 10_000}) {
            TopSeries series = new TopSeries();
            fill(series, points, (slot, i) -> series.add(slot, PANES, name(i), COUNTERS));
            row(table, points, series, FunctionRun.of("topK"), i -> text(name(i)));
        }
        return table.toString().strip();
    }

    private interface Adding {
        void add(int slot, int i);
    }

    /** Fills five panes, the last of which is still open. */
    private static void fill(PaneSeries series, int points, Adding adding) {
        SlidingWindow window = new SlidingWindow(PANE_NANOS, PANES);
        for (int pane = 0; pane < PANES; pane++) {
            for (int i = 0; i < points; i++) {
                long time = pane * PANE_NANOS + i * (PANE_NANOS / points);
                adding.add(window.slotOf(series, time, i, 0, end -> {}), pane * points + i);
            }
        }
    }

    private static StringBuilder costs(String load) {
        return new StringBuilder(
                "| " + load + " | bytes a group: heap | snapshot, before it is deflated |\n| --- | --- | --- |\n");
    }

    private static void row(
            StringBuilder table, int points, PaneSeries series, FunctionRun function, IntFunction<Point> fields) {
        long bytes =
                (plainBytes(function, GROUPS + 1, points, fields) - plainBytes(function, 1, points, fields)) / GROUPS;
        table.append(String.format(Locale.ROOT, "| %,d | %,d | %,d |\n", points, HeapBytes.of(series), bytes));
    }

    private static long plainBytes(FunctionRun function, int groups, int points, IntFunction<Point> fields) {
        try (UdfDriver driver = function.start("host")) {
            for (int group = 0; group < groups; group++) {
                List<Point> batch = new ArrayList<>();
                for (int i = 0; i < PANES * points; i++) {
                    long time = Family.START_NANOS + i / points * PANE_NANOS + i % points * (PANE_NANOS / points);
                    batch.add(fields.apply(i).toBuilder()
                            .setName("m")
                            .setGroup("host=server" + group)
                            .addDimensions("host")
                            .putTags("host", "server" + group)
                            .setTime(time)
                            .build());
                    if (batch.size() == 1000) {
                        driver.pipe(batch);
                        batch.clear();
                    }
                }
                driver.pipe(batch);
                driver.readPoints();
            }
            return Costs.plainBytes(driver.snapshot());
        }
    }

    private static Point number(double value) {
        return Point.newBuilder().putFieldsDouble("value", value).build();
    }

    private static Point text(String value) {
        return Point.newBuilder().putFieldsString("value", value).build();
    }

    private static String name(int i) {
        return String.format(Locale.ROOT, "client-%06d", i % 1_000_000);
    }

    // Errors of the results.

    /** The 99th percentile of the rank errors of all runs. */
    static String errorsOfQuantiles() {
        Map<String, ToDoubleFunction<Random>> distributions = new LinkedHashMap<>();
        distributions.put("uniform", Random::nextDouble);
        distributions.put("Gaussian", Random::nextGaussian);
        distributions.put("log-normal, sigma 2", random -> StrictMath.exp(2 * random.nextGaussian()));
        distributions.put("whole numbers to about 60", random -> Math.rint(20 * Math.abs(random.nextGaussian())));
        distributions.put(
                "zero, and 3 in 10 log-normal",
                random -> random.nextInt(10) < 7 ? 0 : StrictMath.exp(random.nextGaussian()));
        StringBuilder table = new StringBuilder(
                "| values | p50 of 1,000 | of 10,000 | of 100,000 | p99 of 1,000 | of 10,000 | of 100,000 |\n"
                        + "| --- | --- | --- | --- | --- | --- | --- |\n");
        distributions.forEach((name, distribution) -> {
            String[] medians = new String[3];
            String[] tails = new String[3];
            for (int size = 0; size < 3; size++) {
                double[][] errors = rankErrors(distribution, 1000 * (int) Math.pow(10, size));
                medians[size] = String.format(Locale.ROOT, "%.2f %%", percentile99(errors[0]));
                tails[size] = String.format(Locale.ROOT, "%.3f %%", percentile99(errors[1]));
            }
            table.append("| ").append(name);
            table.append(" | ").append(String.join(" | ", medians));
            table.append(" | ").append(String.join(" | ", tails)).append(" |\n");
        });
        return table.toString().strip();
    }

    /** The rank errors in percent, for p50 and for p99. */
    private static double[][] rankErrors(ToDoubleFunction<Random> distribution, int count) {
        double[][] errors = new double[2][RUNS];
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(run);
            DigestSeries series = new DigestSeries();
            double[] values = new double[count];
            for (int i = 0; i < count; i++) {
                values[i] = distribution.applyAsDouble(random);
                series.add((int) ((long) i * PANES / count), PANES, values[i]);
            }
            Distribution digest = series.distribution();
            Arrays.sort(values);
            errors[0][run] = 100 * rankError(values, digest.quantile(0.5), 0.5);
            errors[1][run] = 100 * rankError(values, digest.quantile(0.99), 0.99);
        }
        return errors;
    }

    private static double rankError(double[] sorted, double value, double q) {
        int below = Arrays.binarySearch(sorted, value);
        below = below < 0 ? -below - 1 : below;
        int upTo = below;
        while (below > 0 && sorted[below - 1] == value) {
            below--;
        }
        while (upTo < sorted.length && sorted[upTo] == value) {
            upTo++;
        }
        return Math.max(0, Math.max((double) below / sorted.length - q, q - (double) upTo / sorted.length));
    }

    private static double percentile99(double[] errors) {
        Arrays.sort(errors);
        return errors[(int) Math.ceil(0.99 * errors.length) - 1];
    }

    /** The root mean square of the relative errors of all runs, and the largest error. */
    static String errorsOfCountDistinct() {
        StringBuilder table = new StringBuilder(
                "| different values | `precision` 10: rms | largest | `precision` 12: rms | largest |\n"
                        + "| --- | --- | --- | --- | --- |\n");
        for (int distinct : new int[] {50, 200, 1000, 10_000, 100_000}) {
            table.append(String.format(Locale.ROOT, "| %,d", distinct));
            for (int precision : new int[] {10, 12}) {
                double squares = 0;
                double largest = 0;
                for (int run = 0; run < RUNS; run++) {
                    Random random = new Random(run);
                    DistinctSeries series = new DistinctSeries();
                    for (int i = 0; i < distinct; i++) {
                        series.add(i % PANES, PANES, random.nextLong(), precision);
                    }
                    double error = Math.abs((double) series.count(precision).distinct() / distinct - 1);
                    squares += error * error;
                    largest = Math.max(largest, error);
                }
                table.append(String.format(
                        Locale.ROOT, " | %.2f %% | %.1f %%", 100 * Math.sqrt(squares / RUNS), 100 * largest));
            }
            table.append(" |\n");
        }
        return table.toString().strip();
    }

    /** How many of the ten most frequent items are in the result, and the maximum error of a count. */
    static String errorsOfTopK() {
        StringBuilder table = new StringBuilder(
                "| exponent | counters | found of the ten | count too high: mean | largest | promised |\n"
                        + "| --- | --- | --- | --- | --- | --- |\n");
        for (double exponent : new double[] {0.8, 1.1, 1.5}) {
            for (int counters : new int[] {100, 400}) {
                table.append(zipf(exponent, counters));
            }
        }
        return table.toString().strip();
    }

    private static String zipf(double exponent, int counters) {
        int items = 10_000;
        int points = 20_000;
        double[] ends = new double[items];
        String[] names = new String[items];
        double sum = 0;
        for (int i = 0; i < items; i++) {
            sum += StrictMath.pow(i + 1, -exponent);
            ends[i] = sum;
            names[i] = name(i);
        }
        long found = 0;
        double over = 0;
        long largest = 0;
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(run);
            TopSeries series = new TopSeries();
            Map<String, Integer> exact = new HashMap<>();
            for (int i = 0; i < points; i++) {
                int at = Arrays.binarySearch(ends, random.nextDouble() * sum);
                String item = names[at < 0 ? -at - 1 : at];
                int slot = i * PANES / points;
                if (slot > 0 && i * PANES % points < PANES) {
                    series.close(slot - 1);
                }
                series.add(slot, PANES, item, counters);
                exact.merge(item, 1, Integer::sum);
            }
            int[] counts =
                    exact.values().stream().mapToInt(Integer::intValue).sorted().toArray();
            int tenth = counts[counts.length - 10];
            for (TopSeries.Item item : series.top(10)) {
                int count = exact.getOrDefault(item.item(), 0);
                found += count >= tenth ? 1 : 0;
                over += item.count() - count;
                largest = Math.max(largest, item.count() - count);
            }
        }
        return String.format(
                Locale.ROOT,
                "| %.1f | %d | %.2f | %.3f %% | %.2f %% | %.2f %% |\n",
                exponent,
                counters,
                (double) found / RUNS,
                100 * over / RUNS / 10 / points,
                100.0 * largest / points,
                100.0 / counters);
    }

    // The data of the pictures: one hour.

    /** Latencies in ms: half an hour after the start, one request in 20 becomes slow, for 15 minutes. */
    static List<Point> latencies() {
        Random random = new Random(5);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < MINUTES * 40; i++) {
            long time = Family.START_NANOS + i * (PANE_NANOS / 40);
            boolean isSlow = i / 40 >= 30 && i / 40 < 45 && random.nextInt(20) == 0;
            double value = StrictMath.exp(3 + 0.4 * random.nextGaussian()) + (isSlow ? 80 : 0);
            points.add(FunctionRun.point("m", time, "value", value));
        }
        return points;
    }

    /**
     * Client logins: a few hundred clients log in repeatedly, except for ten minutes in which every login is by a new
     * client.
     */
    static List<Point> logins() {
        Random random = new Random(5);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < MINUTES * 200; i++) {
            long time = Family.START_NANOS + i * (PANE_NANOS / 200);
            boolean isNew = i / 200 >= 30 && i / 200 < 40;
            String client = isNew ? "new-" + i : "client-" + random.nextInt(400);
            points.add(text(client).toBuilder().setName("m").setTime(time).build());
        }
        return points;
    }

    /** The number of different values of {@link #logins} in the last five minutes, at the end of each minute. */
    static List<Point> different() {
        List<Point> logins = logins();
        List<Point> results = new ArrayList<>();
        for (int minute = 1; minute < MINUTES; minute++) {
            long end = Family.START_NANOS + minute * PANE_NANOS;
            Set<String> different = new HashSet<>();
            for (Point point : logins) {
                if (point.getTime() < end && point.getTime() >= end - PANES * PANE_NANOS) {
                    different.add(point.getFieldsStringOrThrow("value"));
                }
            }
            results.add(FunctionRun.point("m", end, "distinct", different.size()));
        }
        return results;
    }

    /** Requests of a, b, c and many others: after 20 minutes there are more of b, and after 40 minutes more of c. */
    static List<Point> requests() {
        Random random = new Random(5);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < MINUTES * 100; i++) {
            long time = Family.START_NANOS + i * (PANE_NANOS / 100);
            int minute = i / 100;
            int at = random.nextInt(100);
            int ofB = minute >= 20 && minute < 40 ? 40 : 12;
            int ofC = minute >= 40 ? 45 : 5;
            String item = at < 20 ? "a" : at < 20 + ofB ? "b" : at < 20 + ofB + ofC ? "c" : "x" + random.nextInt(500);
            points.add(text(item).toBuilder().setName("m").setTime(time).build());
        }
        return points;
    }
}
