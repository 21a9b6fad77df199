package org.kapacitorudf.benchmarks.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.kapacitorudf.benchmarks.score.Family.Kind;
import org.kapacitorudf.proto.Point;

/** The page of a function, {@code docs/functions/NAME.md}, whose picture and section about costs are generated. */
enum Page {
    DEVIATION(FunctionRun.of("deviation")),
    BASELINE(FunctionRun.of("baseline")),
    TIME_TO(FunctionRun.of("timeTo", "threshold", 100.0)),
    LATEST(FunctionRun.of("latest", "lead", "m", "of", new Object[] {"o", "value"})),
    RESAMPLE(FunctionRun.of("resample")),
    SMOOTH(FunctionRun.of("smooth")),
    FORECAST(FunctionRun.of("forecast")),
    QUANTILES(FunctionRun.of("quantiles")),
    COUNT_DISTINCT(FunctionRun.of("countDistinct")),
    TOP_K(FunctionRun.of("topK", "k", 3)),
    CHANGEPOINT(FunctionRun.of("changepoint")),
    PEERS(FunctionRun.of("peers")),
    SESSIONS(FunctionRun.of("sessions")),
    /** A plug-in, which {@code scripts/score} and the tests have on their class path. */
    FOREST(FunctionRun.of("forest", "field", "requests"));

    static final String COST = "cost";
    static final String ERRORS = "errors";

    private static final int SHOWN = 14 * Family.DAY;
    private static final int SEED = 5;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** The seed of a series whose anomaly is on a weekday. */
    private static final int WEEKDAY_SEED = 3;

    private final FunctionRun function;

    Page(FunctionRun function) {
        this.function = function;
    }

    /** The name of the function, which is also the name of the files, without their endings. */
    String function() {
        return function.function();
    }

    String picture() {
        return switch (this) {
            case DEVIATION -> Picture.ofDetector(function, Family.NOISE.series(Kind.LEVEL, SEED), SHOWN);
            case BASELINE -> Picture.ofDetector(function, Family.WEEKLY.series(Kind.SEASON, WEEKDAY_SEED), SHOWN);
            case TIME_TO -> Picture.ofTrend(function, filling(), 100);
            case SMOOTH -> Picture.ofFilters(Smoothing.shown(), Smoothing.spikesAndShift());
            case RESAMPLE -> Picture.ofGrid(function, irregular());
            case CHANGEPOINT -> Picture.ofDetector(function, Family.NOISE.series(Kind.LEVEL, SEED), SHOWN);
            case PEERS -> Picture.ofCohort(function, cohort(8, 180));
            case SESSIONS -> Picture.ofSessions(function, visits());
            case LATEST -> Picture.ofJoin(function, twoMeasurements());
            case FORECAST ->
                Picture.ofForecast(FunctionRun.of("forecast", "horizon", Duration.ofDays(2)), officeDays(), 48);
            case QUANTILES -> Picture.ofQuantiles(function, Windows.latencies());
            case COUNT_DISTINCT -> Picture.ofCounts(function, Windows.logins(), Windows.different());
            case TOP_K -> Picture.ofItems(function, Windows.requests());
            case FOREST -> Picture.ofScore(function, loadAndRequests(), 3 * Family.DAY);
        };
    }

    String cost() {
        return switch (this) {
            case SMOOTH -> Smoothing.costs();
            case FORECAST ->
                "* " + Costs.of(function) + "\n* `grid` FALSE: " + Costs.of(FunctionRun.of("forecast", "grid", false));
            case QUANTILES -> Windows.costOfQuantiles();
            case COUNT_DISTINCT -> Windows.costOfCountDistinct();
            case TOP_K -> Windows.costOfTopK();
            case PEERS -> Costs.ofMember(function);
            case FOREST -> Costs.ofSnapshot(FunctionRun.of("forest"));
            default -> Costs.of(function);
        };
    }

    /** The section about errors, if the page has one. */
    Optional<String> errors() {
        return switch (this) {
            case SMOOTH -> Optional.of(Smoothing.errors());
            case QUANTILES -> Optional.of(Windows.errorsOfQuantiles());
            case COUNT_DISTINCT -> Optional.of(Windows.errorsOfCountDistinct());
            case TOP_K -> Optional.of(Windows.errorsOfTopK());
            case FOREST -> Optional.of(SeveralFields.table());
            default -> Optional.empty();
        };
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve(function() + ".svg"), picture());
        Path document = directory.resolve(function() + ".md");
        String text = GeneratedSections.replace(Files.readString(document), COST, cost());
        Optional<String> errors = errors();
        if (errors.isPresent()) {
            text = GeneratedSections.replace(text, ERRORS, errors.get());
        }
        if (this == CHANGEPOINT) {
            text = GeneratedSections.replace(text, RunLength.PROMISE, RunLength.table());
        }
        Files.writeString(document, text);
    }

    /** A disk that fills, is cleaned, and then fills more slowly: a point every five minutes for three days. */
    private static LabelledSeries filling() {
        Random random = new Random(SEED);
        double[] values = new double[3 * 288];
        long[] times = new long[values.length];
        double value = 20;
        for (int i = 0; i < values.length; i++) {
            value = i == 420 ? 30 : value + (i < 420 ? 0.14 : 0.12);
            values[i] = value + 0.8 * random.nextGaussian();
            times[i] = Family.START_NANOS + i * 300_000_000_000L;
        }
        return new LabelledSeries("disk", times, values, List.of());
    }

    /** Five weeks with a daily rhythm and weekends, one point per hour. */
    private static LabelledSeries officeDays() {
        Random random = new Random(SEED);
        double[] values = new double[5 * 168];
        long[] times = new long[values.length];
        for (int hour = 0; hour < values.length; hour++) {
            boolean isWeekend = hour / 24 % 7 > 4;
            double day = 1 - Math.cos(2 * Math.PI * (hour % 24 - 2) / 24);
            values[hour] = 20 + (isWeekend ? 8 : 25) * day + 3 * random.nextGaussian();
            times[hour] = Family.START_NANOS + hour * 3600 * SECOND_NANOS;
        }
        return new LabelledSeries("office", times, values, List.of());
    }

    /**
     * A point of {@code m} every 20 seconds for an hour; a point of {@code o} about every three minutes, except for a
     * quarter of an hour without any.
     */
    private static List<Point> twoMeasurements() {
        Random random = new Random(SEED);
        List<Point> points = new ArrayList<>();
        int next = 60;
        for (int second = 0; second < 3600; second += 20) {
            if (second >= next) {
                double value = 30 + 25 * Math.sin(second / 500.0);
                points.add(FunctionRun.point("o", Family.START_NANOS + second * SECOND_NANOS, "value", value));
                next = second > 1700 && second < 2500 ? 2700 : second + 100 + random.nextInt(160);
            }
            double value = 80 + 5 * random.nextGaussian();
            points.add(FunctionRun.point("m", Family.START_NANOS + second * SECOND_NANOS, "value", value));
        }
        return points;
    }

    /** Hosts whose values rise and fall together; halfway through, the first host diverges from the others. */
    static List<Point> cohort(int members, int slots) {
        Random random = new Random(SEED);
        List<Point> points = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            for (int member = 0; member < members; member++) {
                double value = 45 + 15 * Math.sin(slot / 20.0) + 2 * member % 5 + random.nextGaussian();
                double more = member == 0 && slot > slots / 2 ? 25 : 0;
                long time = Family.START_NANOS + slot * 10 * SECOND_NANOS;
                points.add(FunctionRun.point("m", time, "value", value + more).toBuilder()
                        .putTags("host", "server" + member)
                        .build());
            }
        }
        return points;
    }

    /**
     * Requests with a daily rhythm, and a load. The load follows the requests for a week, and then departs from them
     * for half an hour.
     */
    private static List<Point> loadAndRequests() {
        Random random = new Random(SEED);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < 7 * Family.DAY; i++) {
            double requests = 40 - 20 * StrictMath.cos(2 * Math.PI * i / Family.DAY) + 2 * random.nextGaussian();
            boolean isStuck = i >= 6 * Family.DAY + 12 && i < 6 * Family.DAY + 15;
            double load = (isStuck ? 80 : 1.4 * requests) + 2 * random.nextGaussian();
            long time = Family.START_NANOS + i * Family.INTERVAL_NANOS;
            points.add(FunctionRun.point("m", time, "value", load).toBuilder()
                    .putFieldsDouble("requests", requests)
                    .build());
        }
        return points;
    }

    /** Visits of a few minutes each, with pauses of an hour and more. */
    private static List<Point> visits() {
        Random random = new Random(SEED);
        List<Point> points = new ArrayList<>();
        long second = 0;
        for (int visit = 0; visit < 6; visit++) {
            for (int i = 5 + random.nextInt(20); i > 0; i--) {
                second += 30 + random.nextInt(400);
                double value = 20 + 60 * random.nextDouble();
                points.add(FunctionRun.point("m", Family.START_NANOS + second * SECOND_NANOS, "value", value));
            }
            second += 2400 + random.nextInt(6000);
        }
        return points;
    }

    /** Points at irregular times for an hour, with a quarter of an hour without any. */
    private static List<Point> irregular() {
        Random random = new Random(SEED);
        List<Point> points = new ArrayList<>();
        for (int second = 40; second < 3600; second += 20 + random.nextInt(400)) {
            double value = 50 + 25 * Math.sin(second / 400.0) + 5 * random.nextGaussian();
            points.add(FunctionRun.point("m", Family.START_NANOS + second * SECOND_NANOS, "value", value));
            second += second > 1800 && second < 2300 ? 900 : 0;
        }
        return points;
    }
}
