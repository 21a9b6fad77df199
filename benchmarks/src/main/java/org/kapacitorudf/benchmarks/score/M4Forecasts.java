package org.kapacitorudf.benchmarks.score;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.Point;

/**
 * Scores forecasts of the last 48 values of the hourly series of the M4 competition, with the measures of that
 * competition: sMAPE, MASE, and OWA, which is the mean of the ratios of sMAPE and MASE to those of the method Naive2
 * (Makridakis, Spiliotis, Assimakopoulos 2020).
 */
final class M4Forecasts {
    static final int AHEAD = 48;
    private static final int SEASON = 24;

    /**
     * Naive2 takes the season into account if the autocorrelation exceeds this many standard errors, which makes it
     * significant at the 90 % level.
     */
    private static final double SEASONAL = 1.645;

    private record Row(String name, FunctionRun function) {}

    private static final List<Row> ROWS = List.of(
            row("`forecast`"),
            row("`forecast`, longSeason 0s", "longSeason", Duration.ZERO),
            row("`forecast`, grid FALSE", "grid", false));

    /** Forecasts of a series, optionally with a band. */
    private record Ahead(double[] values, double @Nullable [] lower, double @Nullable [] upper) {}

    private M4Forecasts() {}

    private static Row row(String name, Object... options) {
        Object[] all = Arrays.copyOf(options, options.length + 2);
        all[options.length] = "horizon";
        all[options.length + 1] = Duration.ofHours(AHEAD);
        return new Row(name, FunctionRun.of("forecast", all));
    }

    static String table(List<LabelledSeries> all) {
        StringBuilder table = new StringBuilder("| method | series | sMAPE | MASE | OWA | in the band of 80 % |\n"
                + "| --- | --- | --- | --- | --- | --- |\n"
                + "| winner of the competition, published | all 414 | | | 0.44 | |\n"
                + "| rank 11 of 60, published | all 414 | | | 0.54 | |\n");
        double[] naive2 = means(all, series -> new Ahead(naive2(series), null, null));
        for (Row row : ROWS) {
            line(table, row.name, all.size(), means(all, series -> ahead(row.function, series)), naive2);
        }
        line(table, "seasonal naive: the day before", all.size(), means(all, M4Forecasts::dayBefore), naive2);
        line(table, "Naive2", all.size(), naive2, naive2);
        return table + "| Theta, SES, Holt, published | all 414 | | | 0.99 to 2.8 | |\n";
    }

    private static void line(StringBuilder table, String name, int count, double[] means, double[] naive2) {
        table.append(String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.3f | %.3f | %s |\n",
                name,
                count,
                means[0],
                means[1],
                (means[0] / naive2[0] + means[1] / naive2[1]) / 2,
                Double.isNaN(means[2]) ? "" : String.format(Locale.ROOT, "%.1f %%", means[2])));
    }

    private interface Method {
        Ahead ahead(double[] known);
    }

    /** sMAPE and MASE, as means over all series, and the percentage of values within the band. */
    private static double[] means(List<LabelledSeries> all, Method method) {
        double[] sums = new double[3];
        for (LabelledSeries series : all) {
            double[] known = Arrays.copyOf(series.values(), series.length() - AHEAD);
            double[] actual = Arrays.copyOfRange(series.values(), known.length, series.length());
            Ahead ahead = method.ahead(known);
            double smape = 0;
            double distance = 0;
            double inside = ahead.lower == null ? Double.NaN : 0;
            for (int i = 0; i < AHEAD; i++) {
                double error = Math.abs(actual[i] - ahead.values[i]);
                distance += error / AHEAD;
                smape += 200 * error / (Math.abs(actual[i]) + Math.abs(ahead.values[i])) / AHEAD;
                if (ahead.lower != null
                        && ahead.upper != null
                        && actual[i] >= ahead.lower[i]
                        && actual[i] <= ahead.upper[i]) {
                    inside += 100.0 / AHEAD;
                }
            }
            double usual = 0;
            for (int i = SEASON; i < known.length; i++) {
                usual += Math.abs(known[i] - known[i - SEASON]) / (known.length - SEASON);
            }
            sums[0] += smape / all.size();
            sums[1] += distance / usual / all.size();
            sums[2] += inside / all.size();
        }
        return sums;
    }

    private static Ahead ahead(FunctionRun function, double[] known) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < known.length; i++) {
            points.add(FunctionRun.point("m", i * M4Hourly.HOUR_NANOS, "value", known[i]));
        }
        List<Point> outputs = function.outputs(points);
        List<Point> last = outputs.subList(outputs.size() - AHEAD, outputs.size());
        if (last.get(0).getTime() != known.length * M4Hourly.HOUR_NANOS) {
            throw new IllegalStateException("time: " + last.get(0).getTime() + " (expected: the hour after the last)");
        }
        return new Ahead(doubles(last, "forecast"), doubles(last, "lower"), doubles(last, "upper"));
    }

    private static double[] doubles(List<Point> points, String field) {
        return points.stream()
                .mapToDouble(point -> point.getFieldsDoubleOrThrow(field))
                .toArray();
    }

    private static Ahead dayBefore(double[] known) {
        double[] values = new double[AHEAD];
        Arrays.setAll(values, i -> known[known.length - SEASON + i % SEASON]);
        return new Ahead(values, null, null);
    }

    /** The last value, adjusted by the season of a classical multiplicative decomposition if the series has one. */
    private static double[] naive2(double[] known) {
        double[] season = isSeasonal(known) ? season(known) : new double[SEASON];
        if (!isSeasonal(known)) {
            Arrays.fill(season, 1);
        }
        double last = known[known.length - 1] / season[(known.length - 1) % SEASON];
        double[] values = new double[AHEAD];
        Arrays.setAll(values, i -> last * season[(known.length + i) % SEASON]);
        return values;
    }

    private static boolean isSeasonal(double[] known) {
        double mean = Arrays.stream(known).average().orElseThrow();
        double variance = 0;
        for (double value : known) {
            variance += (value - mean) * (value - mean);
        }
        double squares = 0;
        for (int lag = 1; ; lag++) {
            double correlation = 0;
            for (int i = lag; i < known.length; i++) {
                correlation += (known[i] - mean) * (known[i - lag] - mean) / variance;
            }
            if (lag == SEASON) {
                return Math.abs(correlation) > SEASONAL * Math.sqrt((1 + 2 * squares) / known.length);
            }
            squares += correlation * correlation;
        }
    }

    private static double[] season(double[] known) {
        double[] sums = new double[SEASON];
        int[] counts = new int[SEASON];
        int half = SEASON / 2;
        for (int i = half; i < known.length - half; i++) {
            double trend = (known[i - half] + known[i + half]) / 2;
            for (int j = i - half + 1; j < i + half; j++) {
                trend += known[j];
            }
            sums[i % SEASON] += known[i] / (trend / SEASON);
            counts[i % SEASON]++;
        }
        Arrays.setAll(sums, i -> sums[i] / counts[i]);
        double mean = Arrays.stream(sums).average().orElseThrow();
        Arrays.setAll(sums, i -> sums[i] / mean);
        return sums;
    }
}
