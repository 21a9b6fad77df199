package org.kapacitorudf.benchmarks.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * Reads the hourly series of the M4 competition: the first part of each series is in {@code train.csv}, the rest in
 * {@code test.csv}.
 */
final class M4Hourly {
    static final long HOUR_NANOS = 3_600_000_000_000L;

    private M4Hourly() {}

    /** The complete series. Their start is unknown; midnight is assumed. */
    static List<LabelledSeries> in(Path directory) throws IOException {
        Map<String, double[]> after = new HashMap<>();
        for (String line : Files.readAllLines(directory.resolve("test.csv"))) {
            after.put(name(line), numbers(line));
        }
        List<LabelledSeries> all = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("train.csv"))) {
            double[] values = DoubleStream.concat(
                            Arrays.stream(numbers(line)), Arrays.stream(after.getOrDefault(name(line), new double[0])))
                    .toArray();
            long[] times = new long[values.length];
            Arrays.setAll(times, i -> i * HOUR_NANOS);
            all.add(new LabelledSeries(name(line), times, values, List.of()));
        }
        return all;
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(','));
    }

    private static double[] numbers(String line) {
        return Arrays.stream(line.split(","))
                .skip(1)
                .filter(text -> !text.isBlank())
                .mapToDouble(Double::parseDouble)
                .toArray();
    }
}
