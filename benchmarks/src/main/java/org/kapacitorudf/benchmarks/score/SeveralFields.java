package org.kapacitorudf.benchmarks.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.kapacitorudf.proto.Point;

/**
 * Generates the table on the page of {@code forest}: its detections in series with several fields. A series has one
 * point every ten minutes for six weeks, and an anomaly of three points in week five or six.
 */
final class SeveralFields {
    private static final int SERIES = 4;
    private static final int COUNTED_FROM = 14 * Family.DAY;
    private static final int[] FIELDS = {2, 4, 8};
    private static final double[] THRESHOLDS = {2.5, 2};

    /** The dependency between the fields. */
    private enum Kind {
        INDEPENDENT("noise, independent fields"),
        CORRELATED("noise, all fields follow the first"),
        DAILY("a daily rhythm, all fields follow the first");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private enum Anomaly {
        NONE,
        /** The last field is 10 standard deviations away from its usual value. */
        SPIKE,
        /** The last field is high while the others are low, or the reverse; each value on its own is normal. */
        COMBINATION
    }

    private SeveralFields() {}

    static String table() {
        StringBuilder table = new StringBuilder("| fields | series |");
        for (double threshold : THRESHOLDS) {
            table.append(String.format(
                    Locale.ROOT, " `threshold` %.1f: false alerts a week | spikes | combinations |", threshold));
        }
        table.append("\n| --- | --- |")
                .append(" --- | --- | --- |".repeat(THRESHOLDS.length))
                .append('\n');
        for (Kind kind : Kind.values()) {
            for (int fields : FIELDS) {
                table.append("| ")
                        .append(fields)
                        .append(" | ")
                        .append(kind.text)
                        .append(" |");
                for (double threshold : THRESHOLDS) {
                    FunctionRun function = function(fields, threshold);
                    table.append(String.format(Locale.ROOT, " %.2f |", falseAlerts(function, kind, fields)))
                            .append(found(function, kind, fields, Anomaly.SPIKE))
                            .append(found(function, kind, fields, Anomaly.COMBINATION));
                }
                table.append('\n');
            }
        }
        return table.toString();
    }

    private static FunctionRun function(int fields, double threshold) {
        List<String> others = new ArrayList<>();
        for (int field = 1; field < fields; field++) {
            others.add("f" + field);
        }
        return FunctionRun.of("forest", "field", others, "threshold", threshold, "atMost", 1);
    }

    private static double falseAlerts(FunctionRun function, Kind kind, int fields) {
        int count = 0;
        for (int seed = 0; seed < SERIES; seed++) {
            List<Point> results = function.outputs(points(kind, fields, 100 + seed, 0, Anomaly.NONE));
            for (int i = COUNTED_FROM; i < results.size(); i++) {
                count += results.get(i).getFieldsIntOrThrow("anomaly") != 0 ? 1 : 0;
            }
        }
        return count / (SERIES * 4.0);
    }

    private static String found(FunctionRun function, Kind kind, int fields, Anomaly anomaly) {
        if (kind == Kind.INDEPENDENT && anomaly == Anomaly.COMBINATION) {
            return " |";
        }
        int found = 0;
        for (int seed = 0; seed < SERIES; seed++) {
            int at = 28 * Family.DAY + new Random(seed).nextInt(12 * Family.DAY);
            List<Point> results =
                    function.outputs(points(kind, fields, seed, at, anomaly).subList(0, at + 3));
            boolean hit = false;
            for (int i = at; i < at + 3; i++) {
                hit |= results.get(i).getFieldsIntOrThrow("anomaly") != 0;
            }
            found += hit ? 1 : 0;
        }
        return " " + found + " of " + SERIES + " |";
    }

    /** The points of a series; the name of the first field is {@code value}. */
    private static List<Point> points(Kind kind, int fields, long seed, int at, Anomaly anomaly) {
        Random random = new Random(seed);
        double phase = 2 * Math.PI * random.nextDouble();
        double spread = kind == Kind.INDEPENDENT ? 1 : kind == Kind.CORRELATED ? 10 : 15;
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < Family.LENGTH; i++) {
            double first = kind == Kind.DAILY
                    ? 50 + 20 * StrictMath.sin(2 * Math.PI * i / Family.DAY + phase) + 3 * random.nextGaussian()
                    : 50 + spread * random.nextGaussian();
            boolean inside = i >= at && i < at + 3;
            Point.Builder point =
                    FunctionRun.point("m", Family.START_NANOS + i * Family.INTERVAL_NANOS, "value", first).toBuilder();
            for (int field = 1; field < fields; field++) {
                double value = (kind == Kind.INDEPENDENT ? 50 : first) + random.nextGaussian();
                if (inside && field == fields - 1) {
                    value = changed(value, first, spread, anomaly);
                }
                point.putFieldsDouble("f" + field, (field + 1) * value);
            }
            points.add(point.build());
        }
        return points;
    }

    private static double changed(double value, double first, double spread, Anomaly anomaly) {
        return switch (anomaly) {
            case NONE -> value;
            case SPIKE -> value + 10 * spread;
            case COMBINATION -> 100 - first + (first > 50 ? -10 : 10);
        };
    }
}
