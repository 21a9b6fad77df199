package org.kapacitorudf.server.call;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.kapacitorudf.Point;

/**
 * Draws a function's results: an HTML page with a chart for each group.
 *
 * <p>For a detector, the chart shows the value, the band, the expected value, and a mark at each anomaly. For other
 * functions it shows a line for each numeric field, at most {@value #MOST_LINES}. The page needs no network: scripts
 * and styles are embedded.
 *
 * <p>Memory: for each point, 8 bytes for its time and 8 bytes for each drawn value. Points after the first
 * {@code maxPoints} are counted, but not drawn.
 *
 * <p>Threading: one thread at a time.
 */
public final class Chart implements Answers {
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
    private static final Pattern PART = Pattern.compile("@@(\\w+)@@");
    private static final int MOST_LINES = 8;
    private static final MathContext DIGITS = new MathContext(7);
    private static final int NANOS_A_MILLISECOND = 1_000_000;

    private final String title;
    private final Optional<String> field;
    private final int maxPoints;
    private final Map<String, Group> groups = new TreeMap<>();
    private Optional<DetectorFields> detector = Optional.empty();
    private long points;

    /**
     * @param title the title of the page
     * @param field the field that the function reads, if known
     * @param maxPoints the maximum number of points, over all groups
     */
    public Chart(String title, Optional<String> field, int maxPoints) {
        this.title = title;
        this.field = field;
        this.maxPoints = maxPoints;
    }

    /**
     * The points of a group: a column of times, and a column of values for each line in the chart. Missing values are
     * NaN.
     */
    private static final class Group {
        private final Map<String, double[]> lines = new LinkedHashMap<>();
        private double[] millis = new double[64];
        private int size;

        private void add(long timeNanos, Map<String, Double> values) {
            if (size == millis.length) {
                millis = Arrays.copyOf(millis, 2 * size);
                lines.replaceAll((name, column) -> grown(column, 2 * size));
            }
            millis[size] = Math.floorDiv(timeNanos, NANOS_A_MILLISECOND);
            values.forEach((name, value) -> {
                if (lines.containsKey(name) || lines.size() < MOST_LINES) {
                    lines.computeIfAbsent(name, added -> grown(new double[0], millis.length))[size] = value;
                }
            });
            size++;
        }

        private static double[] grown(double[] column, int length) {
            double[] grown = Arrays.copyOf(column, length);
            Arrays.fill(grown, column.length, length, Double.NaN);
            return grown;
        }

        /** Returns the indices of the points in order of time, because late points have been added out of order. */
        private int[] order() {
            return IntStream.range(0, size)
                    .boxed()
                    .sorted((one, other) -> Double.compare(millis[one], millis[other]))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
    }

    @Override
    public void in(Point point) {
        // Only results are drawn. The results of a detector also contain the fields of the input point.
    }

    @Override
    public void out(Point point) {
        if (points++ >= maxPoints) {
            return;
        }
        if (detector.isEmpty()) {
            detector = DetectorFields.of(point);
        }
        Map<String, Double> values = new TreeMap<>();
        point.fields().forEach((name, value) -> {
            if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
                values.put(name, number.doubleValue());
            }
        });
        detector.ifPresent(fields -> {
            Set<String> drawn =
                    new LinkedHashSet<>(List.of(fields.anomaly(), fields.expected(), fields.lower(), fields.upper()));
            field.ifPresent(drawn::add);
            values.keySet().retainAll(drawn);
        });
        groups.computeIfAbsent(SeriesName.of(point), name -> new Group()).add(point.timeNanos(), values);
    }

    /** The number of points in the chart. */
    public long drawn() {
        return Math.min(points, maxPoints);
    }

    /** The number of points that were omitted because the chart is full. */
    public long leftOut() {
        return points - drawn();
    }

    /** The number of groups in the chart. */
    public int groups() {
        return groups.size();
    }

    /** Writes the page. An existing file is replaced. */
    public void write(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            String page = resource("chart.html");
            Matcher parts = PART.matcher(page);
            int written = 0;
            while (parts.find()) {
                out.write(page, written, parts.start() - written);
                part(parts.group(1), out);
                written = parts.end();
            }
            out.write(page, written, page.length() - written);
        }
    }

    private void part(String name, Writer out) throws IOException {
        switch (name) {
            case "title" -> out.write(html(title));
            case "style" -> out.write(resource(UPLOT + "uPlot.min.css"));
            case "script" -> out.write(resource(UPLOT + "uPlot.iife.min.js"));
            case "data" -> data(out);
            default -> throw new IllegalArgumentException("chart.html: @@" + name + "@@ (expected: a known part)");
        }
    }

    /** Writes the data as JSON that is safe inside a script: it contains no {@code <}. */
    private void data(Writer out) throws IOException {
        out.write("{\"title\":" + text(title));
        if (detector.isPresent()) {
            DetectorFields fields = detector.get();
            out.write(
                    ",\"detector\":{\"anomaly\":" + text(fields.anomaly()) + ",\"expected\":" + text(fields.expected())
                            + ",\"lower\":" + text(fields.lower()) + ",\"upper\":" + text(fields.upper()) + "}");
        }
        out.write(",\"field\":" + text(field.orElse("")) + ",\"groups\":[");
        String separator = "\n";
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            int[] order = group.order();
            out.write(separator + "{\"name\":" + text(entry.getKey()) + ",\"millis\":");
            numbers(group.millis, order, out);
            out.write(",\"lines\":{");
            String comma = "";
            for (Map.Entry<String, double[]> line : group.lines.entrySet()) {
                out.write(comma + text(line.getKey()) + ":");
                numbers(line.getValue(), order, out);
                comma = ",";
            }
            out.write("}}");
            separator = ",\n";
        }
        out.write("\n]}");
    }

    private static void numbers(double[] column, int[] order, Writer out) throws IOException {
        out.write('[');
        for (int i = 0; i < order.length; i++) {
            out.write(i == 0 ? "" : ",");
            double value = column[order[i]];
            out.write(Double.isNaN(value) ? "null" : number(value));
        }
        out.write(']');
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return new BigDecimal(value, DIGITS).toString();
    }

    private static String text(String value) {
        StringBuilder text = new StringBuilder("\"");
        value.chars().forEach(c -> {
            if (c < ' ' || c == '"' || c == '\\' || c == '<' || c == '\u2028' || c == '\u2029') {
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        return text.append('"').toString();
    }

    private static String html(String value) {
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String resource(String name) {
        try (InputStream in = Chart.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
