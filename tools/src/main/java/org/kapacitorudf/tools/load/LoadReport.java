package org.kapacitorudf.tools.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * The results of a measurement, as a table or as JSON.
 *
 * <p>Threading: immutable.
 *
 * @param plan the parameters
 * @param pointBytes the mean size of the points that were sent
 * @param results the results in the order of the subjects; if the raw echo was measured, its result is the last
 * @param hasEcho whether the raw echo was measured
 */
public record LoadReport(LoadPlan plan, int pointBytes, List<LoadResult> results, boolean hasEcho) {
    private static final String GAP = "  ";

    public LoadReport {
        results = List.copyOf(results);
    }

    /** The result of the first subject, to which the others are compared. */
    public LoadResult first() {
        return results.get(0);
    }

    public Optional<LoadResult> echo() {
        return hasEcho ? Optional.of(results.get(results.size() - 1)) : Optional.empty();
    }

    /** The result of the subject with this name, if there is one. */
    public Optional<LoadResult> of(String subject) {
        return results.stream()
                .filter(result -> result.subject().equals(subject))
                .findFirst();
    }

    /**
     * A readable table. It shows, for each subject, the medians of the figures; for the main figure also the range, and
     * the ratio to the first subject.
     */
    public String table() {
        List<Metric> metrics = metrics();
        Metric primary = plan.measure().primary();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("", primary.heading(), "range", "x " + first().subject()));
        if (hasEcho) {
            head.add("x echo");
        }
        metrics.stream().skip(1).forEach(metric -> head.add(metric.heading()));
        rows.add(head);
        for (LoadResult result : results) {
            List<String> row = new ArrayList<>();
            row.add(result.subject());
            row.add(show(primary, result.median(primary)));
            row.add(show(primary, result.min(primary)) + ".." + show(primary, result.max(primary)));
            row.add(showRatio(result.ratioTo(first(), primary)));
            echo().ifPresent(echo -> row.add(showRatio(result.ratioTo(echo, primary))));
            metrics.stream().skip(1).forEach(metric -> row.add(show(metric, result.median(metric))));
            rows.add(row);
        }
        return title() + "\n" + aligned(rows);
    }

    /** The metrics of the runs, beginning with the main figure. */
    private List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>(List.of(plan.measure().primary()));
        Arrays.stream(Metric.values())
                .filter(metric -> metric != plan.measure().primary())
                .filter(metric -> results.stream().anyMatch(result -> result.has(metric)))
                .forEach(metrics::add);
        return metrics;
    }

    private String title() {
        String load = plan.batchPoints() == 0
                ? "points of " + pointBytes + " bytes"
                : "batches of " + plan.batchPoints() + " points of " + pointBytes + " bytes";
        String writes = plan.isTwoWrites() ? "two writes per message" : "writes of " + plan.chunkBytes() + " bytes";
        String connections = plan.connections() == 1 ? "1 connection" : plan.connections() + " connections";
        String runs = "median of " + plan.runs() + " runs";
        return switch (plan.measure()) {
            case THROUGHPUT -> String.join(", ", "throughput: " + connections, load, writes, runs);
            case LATENCY -> String.join(", ", "latency, one at a time: " + connections, load, runs);
            case START -> "start of the process to its answer to Info: " + runs;
            case IDLE ->
                "resident memory, idle: " + connections + ", " + runs
                        + (plan.connections() == 1
                                ? ""
                                : "; used: after many have been opened and closed, all: the same with all; each: all - used");
        };
    }

    private static String show(Metric metric, OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, metric.format(), value.getAsDouble()) : "-";
    }

    private static String showRatio(OptionalDouble ratio) {
        if (ratio.isEmpty()) {
            return "-";
        }
        double value = ratio.getAsDouble();
        return String.format(Locale.ROOT, value < 0.1 ? "%.4f" : value < 10 ? "%.2f" : "%.1f", value);
    }

    private static String aligned(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(row.get(0))
                    .append(" ".repeat(widths[0] - row.get(0).length()));
            for (int column = 1; column < widths.length; column++) {
                String cell = row.get(column);
                line.append(GAP)
                        .append(" ".repeat(widths[column] - cell.length()))
                        .append(cell);
            }
            table.append(line.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    /**
     * All figures of all runs:
     *
     * <pre>{@code
     * {"measure": "throughput", "connections": 1, ..., "subjects": [
     *   {"name": "mirror", "pointsPerSecond": {"median": 1.0, "min": .., "max": .., "runs": [..],
     *                                          "ratioToFirst": 1.0, "ratioToEcho": 0.4}, ..}, ..]}
     * }</pre>
     */
    public String json() {
        StringBuilder json = new StringBuilder("{");
        json.append("\"measure\": ").append(text(plan.measure().name().toLowerCase(Locale.ROOT)));
        json.append(", \"connections\": ").append(plan.connections());
        json.append(", \"batchPoints\": ").append(plan.batchPoints());
        json.append(", \"pointBytes\": ").append(pointBytes);
        json.append(", \"groups\": ").append(plan.groups());
        json.append(", \"chunkBytes\": ").append(plan.chunkBytes());
        json.append(", \"runs\": ").append(plan.runs());
        json.append(", \"durationMillis\": ").append(plan.duration().toMillis());
        json.append(", \"subjects\": [");
        json.append(results.stream().map(this::json).collect(Collectors.joining(",\n  ", "\n  ", "\n")));
        return json.append("]}\n").toString();
    }

    private String json(LoadResult result) {
        StringBuilder json = new StringBuilder("{\"name\": ").append(text(result.subject()));
        for (Metric metric : metrics()) {
            if (result.has(metric)) {
                json.append(",\n    \"").append(metric.key()).append("\": {\"median\": ");
                json.append(number(result.median(metric)));
                json.append(", \"min\": ").append(number(result.min(metric)));
                json.append(", \"max\": ").append(number(result.max(metric)));
                json.append(", \"ratioToFirst\": ").append(number(result.ratioTo(first(), metric)));
                echo().filter(echo -> echo.has(metric))
                        .ifPresent(echo ->
                                json.append(", \"ratioToEcho\": ").append(number(result.ratioTo(echo, metric))));
                json.append(", \"runs\": ")
                        .append(DoubleStream.of(result.values(metric))
                                .mapToObj(value -> number(OptionalDouble.of(value)))
                                .collect(Collectors.joining(", ", "[", "]")));
                json.append('}');
            }
        }
        return json.append('}').toString();
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() && Double.isFinite(value.getAsDouble())
                ? String.format(Locale.ROOT, "%.4f", value.getAsDouble())
                : "null";
    }

    private static String text(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }
}
