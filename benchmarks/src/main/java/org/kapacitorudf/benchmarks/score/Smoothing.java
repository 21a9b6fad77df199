package org.kapacitorudf.benchmarks.score;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.Point;

/**
 * Generates the measurements on the page of {@code smooth}: the costs of its methods, and the distances of their
 * results from the signal without noise.
 */
final class Smoothing {
    private static final List<String> METHODS = List.of("ema", "median", "hampel", "mean", "oneEuro");
    private static final int LENGTH = 2000;
    private static final int SHOWN = 240;
    private static final long STEP_NANOS = 60_000_000_000L;

    private Smoothing() {}

    private static FunctionRun with(String method) {
        return FunctionRun.of("smooth", "method", method);
    }

    /** The methods in the picture. */
    static List<FunctionRun> shown() {
        return List.of(with("ema"), with("median"), with("oneEuro"));
    }

    /** A level that shifts halfway, with noise and a few spikes: one point per minute. */
    static LabelledSeries spikesAndShift() {
        Random random = new Random(5);
        return series(SHOWN, i -> (i < SHOWN / 2 ? 30 : 65) + 3 * random.nextGaussian() + (i % 37 == 20 ? 30 : 0));
    }

    /** A sentence for each method. */
    static String costs() {
        StringBuilder costs = new StringBuilder();
        for (String method : METHODS) {
            costs.append("* `")
                    .append(method)
                    .append("`: ")
                    .append(Costs.of(with(method)))
                    .append('\n');
        }
        return costs.toString().strip();
    }

    /** A table of the root mean square distance from the signal. */
    static String errors() {
        StringBuilder table = new StringBuilder("| distance from the signal | noise | spikes | shift | wave |\n");
        table.append("| --- | --- | --- | --- | --- |\n");
        row(table, "the value itself", null);
        for (String method : METHODS) {
            row(table, "`" + method + "`", with(method));
        }
        return table.toString();
    }

    private static void row(StringBuilder table, String name, @Nullable FunctionRun method) {
        IntToDoubleFunction still = i -> 0;
        table.append("| ").append(name);
        cell(table, method, still, false, i -> true);
        cell(table, method, still, true, i -> true);
        cell(table, method, i -> i / 100 % 2 * 10.0, false, i -> i % 100 < 20);
        cell(table, method, i -> 10 * Math.sin(2 * Math.PI * i / 120), false, i -> true);
        table.append(" |\n");
    }

    private static void cell(
            StringBuilder table,
            @Nullable FunctionRun method,
            IntToDoubleFunction signal,
            boolean spikes,
            IntPredicate counted) {
        Random random = new Random(1);
        LabelledSeries series = series(
                LENGTH,
                i -> signal.applyAsDouble(i) + random.nextGaussian() + (spikes && random.nextInt(50) == 0 ? 10 : 0));
        List<Point> results = method == null ? null : method.results(series);
        double squares = 0;
        int count = 0;
        for (int i = 100; i < LENGTH; i++) {
            if (counted.test(i)) {
                double result =
                        results == null ? series.values()[i] : results.get(i).getFieldsDoubleOrThrow("smooth");
                squares += Math.pow(result - signal.applyAsDouble(i), 2);
                count++;
            }
        }
        table.append(String.format(Locale.ROOT, " | %.2f", Math.sqrt(squares / count)));
    }

    private static LabelledSeries series(int length, IntToDoubleFunction value) {
        long[] times = new long[length];
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            times[i] = Family.START_NANOS + i * STEP_NANOS;
            values[i] = value.applyAsDouble(i);
        }
        return new LabelledSeries("smooth", times, values, List.of());
    }
}
