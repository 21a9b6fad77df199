package org.kapacitorudf.benchmarks.score;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.kapacitorudf.proto.Point;

/** The picture on a function's page: a fixed series, and the function's output for it, as SVG. */
final class Picture {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 300;
    private static final int MARGIN = 10;

    private final StringBuilder svg = new StringBuilder();
    private final long from;
    private final long to;
    private final double low;
    private final double high;

    private Picture(long from, long to, double low, double high) {
        this.from = from;
        this.to = to;
        this.low = low;
        this.high = high;
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                        + "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT));
    }

    /** Shows the last days of a series with its band, and a mark at each alert. */
    static String ofDetector(FunctionRun function, LabelledSeries series, int shown) {
        List<Point> all = function.results(series);
        List<Point> points = all.subList(all.size() - shown, all.size());
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Point point : points) {
            for (String field : List.of("value", "lower", "upper")) {
                low = Math.min(low, point.getFieldsDoubleOrThrow(field));
                high = Math.max(high, point.getFieldsDoubleOrThrow(field));
            }
        }
        Picture picture =
                new Picture(points.get(0).getTime(), points.get(shown - 1).getTime(), low, high);
        picture.band(points);
        picture.line(points, "value", "#1f5fa8");
        for (Point point : points) {
            if (point.getFieldsIntOrThrow("anomaly") != 0) {
                picture.mark(point);
            }
        }
        return picture.end("Blue: the value. Grey: the band. Red: an alert");
    }

    /** Shows a series that fills up, the threshold, and, every four hours, the line to the threshold. */
    static String ofTrend(FunctionRun function, LabelledSeries series, double threshold) {
        List<Point> points = function.results(series);
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, threshold * 1.05);
        picture.segment(picture.from, threshold, picture.to, threshold, "#c03030", "");
        picture.line(points, "value", "#1f5fa8");
        for (int i = 0; i < points.size(); i += 48) {
            Point point = points.get(i);
            if (point.getFieldsBoolOrThrow("rising")) {
                double value = point.getFieldsDoubleOrThrow("value");
                long reached = point.getTime() + (long) (1e9 * point.getFieldsDoubleOrThrow("seconds"));
                picture.segment(point.getTime(), value, reached, threshold, "#808080", " stroke-dasharray=\"4 4\"");
            }
        }
        return picture.end("Blue: the value. Red: the threshold. Dashed: the prediction of timeTo");
    }

    /**
     * Shows the points of two measurements, and the values that the points of one measurement got from the other
     * measurement.
     */
    static String ofJoin(FunctionRun function, List<Point> points) {
        List<Point> lead =
                points.stream().filter(point -> point.getName().equals("m")).toList();
        Picture picture =
                new Picture(lead.get(0).getTime(), lead.get(lead.size() - 1).getTime(), 0, 100);
        picture.line(lead, "value", "#1f5fa8");
        for (Point point : function.outputs(points)) {
            if (point.containsFieldsDouble("o.value")) {
                picture.dot(point.getTime(), point.getFieldsDoubleOrThrow("o.value"), 2, "#c03030");
            }
        }
        for (Point point : points) {
            if (point.getName().equals("o")) {
                picture.dot(point.getTime(), point.getFieldsDoubleOrThrow("value"), 4, "#404040");
            }
        }
        return picture.end("Blue: the points of m. Black: the points of o. Red: o.value in the points of m");
    }

    /** Shows the points of a series, and the points on the grid. */
    static String ofGrid(FunctionRun function, List<Point> points) {
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, 100);
        for (Point point : function.outputs(points)) {
            picture.dot(point.getTime(), point.getFieldsDoubleOrThrow("value"), 3, "#c03030");
        }
        for (Point point : points) {
            picture.dot(point.getTime(), point.getFieldsDoubleOrThrow("value"), 4, "#1f5fa8");
        }
        return picture.end("Blue: the input points. Red: the output points, one a minute");
    }

    /** Shows the last two weeks of a series, and the forecast for the days that the function did not learn from. */
    static String ofForecast(FunctionRun function, LabelledSeries series, int unlearnt) {
        List<Point> all = new ArrayList<>();
        for (int i = 0; i < series.length(); i++) {
            all.add(FunctionRun.point("m", series.times()[i], "value", series.values()[i]));
        }
        List<Point> outputs = function.outputs(all.subList(0, all.size() - unlearnt));
        List<Point> ahead = outputs.subList(outputs.size() - unlearnt, outputs.size());
        List<Point> shown = all.subList(all.size() - 14 * 24, all.size());
        Picture picture =
                new Picture(shown.get(0).getTime(), shown.get(shown.size() - 1).getTime(), 0, 100);
        picture.band(ahead);
        picture.line(shown, "value", "#1f5fa8");
        picture.line(ahead, "forecast", "#c03030");
        return picture.end("Blue: the value. Red: the forecast for the last two days. Grey: its band of 80 %");
    }

    /** Shows the members of a group, the median, and a mark at each alert. */
    static String ofCohort(FunctionRun function, List<Point> points) {
        List<Point> results = function.outputs(points);
        Picture picture = new Picture(
                results.get(0).getTime(), results.get(results.size() - 1).getTime(), 0, 100);
        Map<String, List<Point>> members = new TreeMap<>();
        for (Point point : results) {
            members.computeIfAbsent(point.getTagsOrThrow("host"), host -> new ArrayList<>())
                    .add(point);
        }
        members.values().forEach(member -> picture.line(member, "value", "#1f5fa8"));
        picture.line(members.values().iterator().next(), "expected", "#404040");
        picture.line(members.values().iterator().next(), "upper", "#b8c4d4");
        picture.line(members.values().iterator().next(), "lower", "#b8c4d4");
        for (Point point : results) {
            if (point.getFieldsIntOrThrow("anomaly") != 0) {
                picture.mark(point);
            }
        }
        return picture.end("Blue: the members. Black: the median. Grey: the band. Red: an alert");
    }

    /** Shows two fields, the score (whose limit is 1), and a mark at each alert. */
    static String ofScore(FunctionRun function, List<Point> points, int shown) {
        List<Point> all = function.outputs(points);
        List<Point> results = all.subList(all.size() - shown, all.size());
        Picture picture =
                new Picture(results.get(0).getTime(), results.get(shown - 1).getTime(), -30, 100);
        List<Point> scores = results.stream()
                .map(point -> FunctionRun.point(
                        "m", point.getTime(), "score", 20 * point.getFieldsDoubleOrThrow("score") - 30))
                .toList();
        picture.segment(picture.from, -10, picture.to, -10, "#b8c4d4", " stroke-dasharray=\"4 4\"");
        picture.line(scores, "score", "#808080");
        picture.line(results, "requests", "#2a8a4a");
        picture.line(results, "value", "#1f5fa8");
        for (Point point : results) {
            if (point.getFieldsIntOrThrow("anomaly") != 0) {
                picture.mark(point);
            }
        }
        return picture.end("Blue: the load. Green: the requests. Grey: the score. Dashed: score 1. Red: an alert");
    }

    /** Shows the points of a group, and a line for each session that has ended. */
    static String ofSessions(FunctionRun function, List<Point> points) {
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, 100);
        for (Point session : function.outputs(points)) {
            picture.segment(
                    session.getFieldsIntOrThrow("begin"), 50, session.getTime(), 50, "#c03030", " stroke-width=\"6\"");
        }
        for (Point point : points) {
            picture.dot(point.getTime(), 50, 3, "#1f5fa8");
        }
        return picture.end("Blue: the points of a group. Red: its completed sessions, one point each");
    }

    /** Shows a series, and the result of each filter. */
    static String ofFilters(List<FunctionRun> filters, LabelledSeries series) {
        List<String> colors = List.of("#c03030", "#2a8a4a", "#d08020");
        List<Point> input = filters.get(0).results(series);
        Picture picture =
                new Picture(input.get(0).getTime(), input.get(input.size() - 1).getTime(), 0, 100);
        picture.line(input, "value", "#b8c4d4");
        StringBuilder legend = new StringBuilder("Grey: the value");
        List<String> names = List.of("Red", "Green", "Orange");
        for (int i = 0; i < filters.size(); i++) {
            picture.line(filters.get(i).results(series), "smooth", colors.get(i));
            legend.append(". ")
                    .append(names.get(i))
                    .append(": ")
                    .append(filters.get(i).options().get("method"));
        }
        return picture.end(legend.toString());
    }

    /** Shows all values, and their quantiles at the end of each pane. */
    static String ofQuantiles(FunctionRun function, List<Point> points) {
        double high = points.stream()
                .mapToDouble(point -> point.getFieldsDoubleOrThrow("value"))
                .max()
                .orElseThrow();
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, high);
        for (Point point : points) {
            picture.dot(point.getTime(), point.getFieldsDoubleOrThrow("value"), 1, "#b8c4d4");
        }
        List<Point> results = function.outputs(points);
        picture.line(results, "p50", "#1f5fa8");
        picture.line(results, "p99", "#c03030");
        return picture.end("Grey: the values. Blue: p50. Red: p99");
    }

    /**
     * Shows the number of different values at the end of each pane.
     *
     * @param exact the exact numbers
     */
    static String ofCounts(FunctionRun function, List<Point> points, List<Point> exact) {
        double high = exact.stream()
                .mapToDouble(point -> point.getFieldsDoubleOrThrow("distinct"))
                .max()
                .orElseThrow();
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, 1.1 * high);
        picture.line(exact, "distinct", "#1f5fa8");
        for (Point point : function.outputs(points)) {
            picture.dot(point.getTime(), point.getFieldsIntOrThrow("distinct"), 3, "#c03030");
        }
        return picture.end(
                "Blue: the exact number of different values in the window. Red: the result of countDistinct");
    }

    /**
     * Shows the counts of the most frequent items at the end of each pane: three of the items in colour, the others in
     * grey.
     */
    static String ofItems(FunctionRun function, List<Point> points) {
        Map<String, String> colors = Map.of("a", "#c03030", "b", "#2a8a4a", "c", "#d08020");
        List<Point> results = function.outputs(points);
        double high = results.stream()
                .mapToDouble(point -> point.getFieldsIntOrThrow("count"))
                .max()
                .orElseThrow();
        Picture picture = new Picture(
                points.get(0).getTime(), points.get(points.size() - 1).getTime(), 0, 1.1 * high);
        for (Point point : results) {
            String color = colors.getOrDefault(point.getFieldsStringOrThrow("item"), "#b8c4d4");
            picture.dot(point.getTime(), point.getFieldsIntOrThrow("count"), 3, color);
        }
        return picture.end("The counts of the three most frequent items. Red: a. Green: b. Orange: c");
    }

    private double x(long time) {
        return MARGIN + (WIDTH - 2 * MARGIN) * ((time - from) / (double) (to - from));
    }

    private double y(double value) {
        return HEIGHT - 2 * MARGIN - (HEIGHT - 4 * MARGIN) * ((value - low) / (high - low));
    }

    private String at(long time, double value) {
        return String.format(Locale.ROOT, "%.1f,%.1f ", x(time), y(value));
    }

    private void band(List<Point> points) {
        StringBuilder path = new StringBuilder();
        points.forEach(point -> path.append(at(point.getTime(), point.getFieldsDoubleOrThrow("upper"))));
        List<Point> back = new ArrayList<>(points);
        Collections.reverse(back);
        back.forEach(point -> path.append(at(point.getTime(), point.getFieldsDoubleOrThrow("lower"))));
        svg.append("<polygon fill=\"#dde3ea\" points=\"")
                .append(path.toString().strip())
                .append("\"/>\n");
    }

    private void line(List<Point> points, String field, String color) {
        StringBuilder path = new StringBuilder();
        points.forEach(point -> path.append(at(point.getTime(), point.getFieldsDoubleOrThrow(field))));
        svg.append("<polyline fill=\"none\" stroke=\"")
                .append(color)
                .append("\" points=\"")
                .append(path.toString().strip())
                .append("\"/>\n");
    }

    private void mark(Point point) {
        svg.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" stroke=\"#c03030\" stroke-width=\"2\"/>\n",
                x(point.getTime()),
                y(point.getFieldsDoubleOrThrow("value"))));
    }

    private void dot(long time, double value, int radius, String color) {
        svg.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>\n",
                x(time),
                y(value),
                radius,
                color));
    }

    private void segment(long fromTime, double fromValue, long toTime, double toValue, String color, String style) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>\n",
                x(fromTime),
                y(fromValue),
                x(toTime),
                y(toValue),
                color,
                style));
    }

    private String end(String legend) {
        return svg.append(String.format(
                        "<text x=\"%d\" y=\"%d\" fill=\"#404040\">%s</text>\n</svg>\n", MARGIN, HEIGHT - 6, legend))
                .toString();
    }
}
