package org.kapacitorudf.benchmarks.score;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.kapacitorudf.Udf;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Runs a function of the library as Kapacitor does: through the encoded protocol, with its default options except for
 * the given ones. The option {@code field}, if the function has it, is {@code value}.
 *
 * @param options the values by name: an array for an option with several arguments, a list for an option that is given
 *     several times
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

    /** The output of the function for each point of the series. */
    List<Point> results(LabelledSeries series) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < series.length(); i++) {
            points.add(point("m", series.times()[i], "value", series.values()[i]));
        }
        List<Point> results = outputs(points);
        if (results.size() != series.length()) {
            throw new IllegalStateException(
                    function + ": " + results.size() + " points (expected: " + series.length() + ")");
        }
        return results;
    }

    /** The output of the function for these points. */
    List<Point> outputs(List<Point> points) {
        List<Point> outputs = new ArrayList<>();
        try (UdfDriver driver = start()) {
            for (int from = 0; from < points.size(); from += POINTS_AT_ONCE) {
                driver.pipe(points.subList(from, Math.min(points.size(), from + POINTS_AT_ONCE)));
                outputs.addAll(driver.readPoints());
            }
        }
        return outputs;
    }

    static Point point(String measurement, long time, String field, double value) {
        return Point.newBuilder()
                .setName(measurement)
                .setTime(time)
                .putFieldsDouble(field, value)
                .build();
    }

    UdfDriver start(String... groupBy) {
        Udf udf = ServiceLoader.load(Udf.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.describe().name().equals(function))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("function: " + function + " (expected: on the class path)"));
        UdfDriver.Builder builder = UdfDriver.of(udf).groupBy(groupBy);
        if (udf.describe().options().stream().anyMatch(option -> option.name().equals("field"))) {
            builder.option("field", "value");
        }
        options.forEach((name, value) -> {
            List<?> each = value instanceof List<?> list ? list : List.of(value);
            each.forEach(one -> builder.option(name, one instanceof Object[] several ? several : new Object[] {one}));
        });
        return builder.start();
    }
}
