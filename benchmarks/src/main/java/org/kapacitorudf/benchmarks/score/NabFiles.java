package org.kapacitorudf.benchmarks.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.benchmarks.score.LabelledSeries.Window;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads files of the Numenta Anomaly Benchmark: CSV with a timestamp and a value, and {@code windows.json}. */
final class NabFiles {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss[.SSSSSS]");

    private NabFiles() {}

    /** The series listed in {@code windows.json}, sorted by name. */
    static List<LabelledSeries> in(Path directory) throws IOException {
        JsonNode windows = JsonMapper.shared().readTree(Files.readString(directory.resolve("windows.json")));
        List<LabelledSeries> all = new ArrayList<>();
        for (String name : windows.propertyNames().stream().sorted().toList()) {
            all.add(read(directory, name, windows.get(name)));
        }
        return all;
    }

    private static LabelledSeries read(Path directory, String name, JsonNode windows) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve(name));
        long[] times = new long[lines.size() - 1];
        double[] values = new double[times.length];
        for (int i = 0; i < times.length; i++) {
            String[] columns = lines.get(i + 1).split(",");
            times[i] = nanos(columns[0]);
            values[i] = Double.parseDouble(columns[1]);
        }
        List<Window> indices = new ArrayList<>();
        for (JsonNode window : windows) {
            long from = nanos(window.get(0).asString());
            long to = nanos(window.get(1).asString());
            int first = -1;
            int last = -1;
            for (int i = 0; i < times.length; i++) {
                if (times[i] >= from && times[i] <= to) {
                    first = first < 0 ? i : first;
                    last = i;
                }
            }
            indices.add(new Window(first, last));
        }
        return new LabelledSeries(name, times, values, indices);
    }

    private static long nanos(String text) {
        return LocalDateTime.parse(text, TIME).toEpochSecond(ZoneOffset.UTC) * 1_000_000_000L;
    }
}
