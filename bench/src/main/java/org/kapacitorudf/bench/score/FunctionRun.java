package org.kapacitorudf.bench.score;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.kapacitorudf.Udf;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * A function of the library, as Kapacitor would run it: through the bytes of the protocol, with its default options apart from those that are named.
 *
 * @param options by name; the field is set in any case
 */
record FunctionRun(String function, Map<String, Object> options) implements Candidate {
    private static final int POINTS_AT_ONCE = 1000;

    static FunctionRun of(String function, Object... options) {
        Map<String, Object> named = new LinkedHashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            named.put((String) options[i], options[i + 1]);
        }
        return new FunctionRun(function, named);
    }

    @Override
    public String name() {
        StringBuilder name = new StringBuilder("`" + function + "`");
        options.forEach(
                (option, value) -> name.append(", ").append(option).append(' ').append(value));
        return name.toString();
    }

    @Override
    public boolean[] alerts(LabelledSeries series) {
        List<Point> results = results(series);
        boolean[] alerts = new boolean[series.length()];
        for (int i = 0; i < alerts.length; i++) {
            alerts[i] = results.get(i).getFieldsIntOrThrow("anomaly") != 0;
        }
        return alerts;
    }

    /** What the function gives for each point of the series. */
    List<Point> results(LabelledSeries series) {
        List<Point> results = new ArrayList<>(series.length());
        try (UdfDriver driver = start()) {
            List<Point> points = new ArrayList<>();
            for (int i = 0; i < series.length(); i++) {
                points.add(Point.newBuilder()
                        .setName("m")
                        .setTime(series.times()[i])
                        .putFieldsDouble("value", series.values()[i])
                        .build());
                if (points.size() == POINTS_AT_ONCE || i == series.length() - 1) {
                    driver.pipe(points);
                    results.addAll(driver.readPoints());
                    points.clear();
                }
            }
        }
        if (results.size() != series.length()) {
            throw new IllegalStateException(
                    function + ": " + results.size() + " points (expected: " + series.length() + ")");
        }
        return results;
    }

    UdfDriver start(String... groupBy) {
        Udf udf = ServiceLoader.load(Udf.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.describe().name().equals(function))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("function: " + function + " (expected: on the class path)"));
        UdfDriver.Builder builder = UdfDriver.of(udf).option("field", "value").groupBy(groupBy);
        options.forEach(builder::option);
        return builder.start();
    }
}
