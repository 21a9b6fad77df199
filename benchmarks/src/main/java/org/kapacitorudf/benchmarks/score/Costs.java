package org.kapacitorudf.benchmarks.score;

import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kapacitorudf.functions.baseline.Season;
import org.kapacitorudf.functions.baseline.SeasonBand;
import org.kapacitorudf.functions.changepoint.RegimeSeries;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.detect.Watched;
import org.kapacitorudf.functions.deviation.RecordBand;
import org.kapacitorudf.functions.forecast.ForecastSeries;
import org.kapacitorudf.functions.forecast.Forecaster;
import org.kapacitorudf.functions.forecast.Gains;
import org.kapacitorudf.functions.latest.Recent;
import org.kapacitorudf.functions.peers.Cohort;
import org.kapacitorudf.functions.peers.Comparison;
import org.kapacitorudf.functions.resample.GridSeries;
import org.kapacitorudf.functions.sessions.Session;
import org.kapacitorudf.functions.smooth.Ema;
import org.kapacitorudf.functions.smooth.OneEuro;
import org.kapacitorudf.functions.smooth.SortedWindow;
import org.kapacitorudf.functions.smooth.TimeMean;
import org.kapacitorudf.functions.timeto.FillSeries;
import org.kapacitorudf.functions.timeto.Trend;
import org.kapacitorudf.internal.snapshot.SnapshotView;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;
import tools.jackson.databind.json.JsonMapper;

/** Computes the memory of a group of a function: bytes on the heap and in the snapshot. */
final class Costs {
    private static final int GROUPS = 10;
    private static final int POINTS = 16 * Family.DAY;
    private static final int SLOTS = 60;
    private static final long DAY_NANOS = 86_400_000_000_000L;

    private Costs() {}

    /** A sentence about the memory of a group, for the page of a function; the function has its default options. */
    static String of(FunctionRun function) {
        byte[] small = snapshot(function, 1);
        byte[] large = snapshot(function, GROUPS + 1);
        return String.format(
                Locale.ROOT,
                "A group takes %d bytes on the heap, and %d bytes in the snapshot before it is deflated (after %d days of points every ten minutes).",
                heap(function),
                (plainBytes(large) - plainBytes(small)) / GROUPS,
                POINTS / Family.DAY);
    }

    /**
     * A sentence about the snapshot only, for the page of a function whose heap usage cannot be computed, because a
     * library holds its state.
     */
    static String ofSnapshot(FunctionRun function) {
        byte[] small = snapshot(function, 1);
        byte[] large = snapshot(function, GROUPS + 1);
        return String.format(
                Locale.ROOT,
                "A group with one field takes %d bytes in the snapshot before it is deflated (after %d days of points every ten minutes).",
                (plainBytes(large) - plainBytes(small)) / GROUPS,
                POINTS / Family.DAY);
    }

    /** A sentence about the memory of a member, for the page of a function that compares the members of a group. */
    static String ofMember(FunctionRun function) {
        byte[] small = snapshotOfMembers(function, 1);
        byte[] large = snapshotOfMembers(function, GROUPS + 1);
        Cohort cohort = cohort();
        long name = HeapBytes.REFERENCE + HeapBytes.of("server-000");
        long all = (HeapBytes.of(cohort) - HeapBytes.of(new Cohort())) / cohort.size();
        return String.format(
                Locale.ROOT,
                "A member takes %d bytes on the heap and %d for its name of ten characters, and %d bytes in the snapshot before it is deflated.",
                all - name,
                name,
                (plainBytes(large) - plainBytes(small)) / GROUPS);
    }

    private static Cohort cohort() {
        Policy policy = new Policy(0, Direction.BOTH, 43_200, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
        Comparison comparison = new Comparison(10_000_000_000L, 3, 10, 4, 1000, 30 * DAY_NANOS, policy);
        Cohort cohort = new Cohort();
        for (int slot = 0; slot < 4; slot++) {
            for (int member = 0; member < 1000; member++) {
                String name = String.format(Locale.ROOT, "server-%03d", member);
                comparison.take(
                        cohort, slot * 10_000_000_000L, name, member, (who, time, value, judged, changed) -> {});
            }
        }
        return cohort;
    }

    private static byte[] snapshotOfMembers(FunctionRun function, int members) {
        try (UdfDriver driver = function.start()) {
            driver.pipe(Page.cohort(members, SLOTS));
            return driver.snapshot();
        }
    }

    /** The size of a snapshot before compression. */
    static long plainBytes(byte[] snapshot) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        SnapshotView.of(snapshot, Integer.MAX_VALUE).writeJson(json, 0);
        return JsonMapper.shared()
                .readTree(json.toByteArray())
                .get("plainBytes")
                .asLong();
    }

    private static byte[] snapshot(FunctionRun function, int groups) {
        try (UdfDriver driver = function.start("host")) {
            List<Point> points = new ArrayList<>();
            for (int group = 0; group < groups; group++) {
                LabelledSeries series = Family.DAILY.series(null, group);
                for (int i = 0; i < POINTS; i++) {
                    points.add(Point.newBuilder()
                            .setName(i % 2 == 0 ? "o" : "m")
                            .setGroup("host=server" + group)
                            .addDimensions("host")
                            .putTags("host", "server" + group)
                            .setTime(series.times()[i])
                            .putFieldsDouble("value", series.values()[i])
                            .build());
                }
                driver.pipe(points);
                driver.readPoints();
                points.clear();
            }
            return driver.snapshot();
        }
    }

    private static long heap(FunctionRun function) {
        return switch (function.function()) {
            case "deviation" -> heap(new RecordBand(0.05, 20, 28 * DAY_NANOS));
            case "baseline" ->
                heap(new SeasonBand(new Season(Season.WEEK_SECONDS, 3600, ZoneOffset.UTC), 4, 86_400, 21 * 86_400));
            case "timeTo" -> {
                Trend trend = new Trend(100, DAY_NANOS / 4, 60, 0.2, 30 * 86_400);
                FillSeries series = new FillSeries();
                trend.learn(series, 0, 1);
                yield HeapBytes.of(series);
            }
            case "latest" -> HeapBytes.of(new Recent());
            case "resample" -> HeapBytes.of(new GridSeries());
            case "forecast" -> {
                boolean grid = (boolean) function.options().getOrDefault("grid", true);
                Forecaster forecaster = new Forecaster(
                        grid ? Gains.GRID : Gains.FIXED,
                        DAY_NANOS / 24,
                        24,
                        168,
                        24,
                        0.8,
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY);
                ForecastSeries series = new ForecastSeries();
                for (int hour = 0; hour < 48; hour++) {
                    forecaster.take(series, hour * DAY_NANOS / 24, hour % 24, (lead, time, value, lower, upper) -> {});
                }
                yield HeapBytes.of(series);
            }
            case "changepoint" -> HeapBytes.ofFields(new RegimeSeries());
            case "sessions" -> HeapBytes.ofFields(new Session());
            case "smooth" -> smooth((String) function.options().getOrDefault("method", "ema"));
            default ->
                throw new IllegalArgumentException("function: " + function.function() + " (expected: one with a page)");
        };
    }

    private static long smooth(String method) {
        int size = 9;
        switch (method) {
            case "ema":
                return HeapBytes.of(new Ema());
            case "oneEuro":
                return HeapBytes.of(new OneEuro());
            case "mean":
                TimeMean mean = new TimeMean();
                mean.add(0, 1, size);
                return HeapBytes.of(mean);
            default:
                SortedWindow window = new SortedWindow();
                window.median(0, 1, size);
                return HeapBytes.of(window);
        }
    }

    private static <S extends Watched> long heap(Method<S> method) {
        S series = method.fresh();
        new Policy(0, Direction.BOTH, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0)
                .take(method, series, 0, 1, new Judgement());
        return HeapBytes.of(series);
    }
}
