package org.kapacitorudf.client;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kapacitorudf.proto.Point;

/**
 * Reads and writes points as InfluxDB's line protocol.
 *
 * <pre>
 *   cpu,host=a,rack=r1 value=1.5,count=3i,note="a \"b\"",ok=true 1700000000000000000
 *   name tags          fields: double, int, string, bool         time in nanoseconds
 * </pre>
 *
 * <p>What is read is what InfluxDB 1.8 reads: a backslash escapes a comma and a space in a name, also {@code =} in a
 * tag or a field's key, also {@code "} in a field's key, and {@code "} and a backslash in a string; any other backslash
 * stands for itself. A string may hold line breaks. Comments ({@code #}) and empty lines are skipped; tags may come in any
 * order, but each key once; of a field that is given twice the last one counts; an empty tag is refused. Kapacitor has no
 * unsigned ints: {@code 7u} is read as {@code 7i}, and what is too large for that is refused. More than InfluxDB reads:
 * lines that end in CR and LF; and {@code NaN}, {@code +Inf} and {@code -Inf}, because a function may emit them and a test
 * has to write them down.
 *
 * <p>What is written can be read again, and is the same text for the same point: tags and fields sorted by name,
 * doubles as {@link Double#toString(double)} has them, always with a time. The exceptions are InfluxDB's own, which has no
 * way to write them: a name, key or tag that is empty, ends in a backslash or holds a line break (written as {@code \n}),
 * a name that begins with {@code #} or a byte order mark, a name or a field's key that begins with a tab, and a point without fields (written
 * with two spaces in their place), can be shown but not read.
 *
 * <p>For what is too much to be had at once, or has other times than nanoseconds, there is {@link LineReader}.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link LineProtocolException} says what was expected where in which line.
 */
public final class LineProtocol {
    private LineProtocol() {}

    /** The point of one line; its time is 0 when the line has none. */
    public static Point parse(String line) {
        return parse(line, 0);
    }

    /** The point of one line, with a time for a line that has none. */
    public static Point parse(String line, long defaultTimeNanos) {
        List<Point> points = points(line, defaultTimeNanos);
        if (points.size() != 1) {
            throw new IllegalArgumentException("line: " + points.size() + " points (expected: 1) in \"" + line + "\"");
        }
        return points.get(0);
    }

    /** The points of any number of lines; the time of a line that has none is 0. */
    public static List<Point> parseAll(String lines) {
        return points(lines, 0);
    }

    /** A point as one line, without a line break at its end. */
    public static String format(Point point) {
        StringBuilder line = new StringBuilder(formatSeries(point.getName(), point.getTagsMap())).append(' ');
        // Sorted by name; one name in two typed maps, which is a fault of whoever made the point, shows twice.
        Map<String, List<String>> fields = new TreeMap<>();
        point.getFieldsDoubleMap().forEach((key, value) -> add(fields, key, number(value)));
        point.getFieldsIntMap().forEach((key, value) -> add(fields, key, value + "i"));
        point.getFieldsStringMap().forEach((key, value) -> add(fields, key, quoted(value)));
        point.getFieldsBoolMap().forEach((key, value) -> add(fields, key, value.toString()));
        int before = line.length();
        fields.forEach((key, values) -> values.forEach(value -> {
            if (line.length() > before) {
                line.append(',');
            }
            word(line, key, ",= \"");
            line.append('=').append(value);
        }));
        return line.append(' ').append(point.getTime()).toString();
    }

    /** A name and tags, as they stand at the beginning of a line: {@code cpu,host=a}. */
    public static String formatSeries(String name, Map<String, String> tags) {
        StringBuilder series = new StringBuilder();
        word(series, name, ", ");
        new TreeMap<>(tags).forEach((key, value) -> {
            word(series.append(','), key, ",= ");
            word(series.append('='), value, ",= ");
        });
        return series.toString();
    }

    /** A point that has a name and tags and nothing else. */
    public static Point parseSeries(String series) {
        try {
            return new LineParser(Precision.NANOSECONDS, () -> 0).series(encoded(series));
        } catch (LineParser.Problem problem) {
            throw new IllegalArgumentException("series: " + problem.getMessage() + " in \"" + series + "\"");
        }
    }

    private static List<Point> points(String lines, long defaultTimeNanos) {
        List<Point> points = new ArrayList<>();
        LineReader.of(new ByteArrayInputStream(encoded(lines)))
                .clock(() -> defaultTimeNanos)
                .maxLineBytes(Integer.MAX_VALUE)
                .forEachRemaining(points::add);
        return points;
    }

    private static byte[] encoded(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(encoded.array(), encoded.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text: half a surrogate pair (expected: Unicode) in \"" + text + "\"");
        }
    }

    /** The value of a field: a Double, Long, String or Boolean. */
    public static String written(Object value) {
        if (value instanceof Double number) {
            return number(number);
        }
        return value instanceof Long ? value + "i" : value instanceof String text ? quoted(text) : value.toString();
    }

    private static void add(Map<String, List<String>> fields, String key, String value) {
        fields.computeIfAbsent(key, name -> new ArrayList<>()).add(value);
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.toString(value);
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        escape(quoted, value, "\"\\");
        return quoted.append('"').toString();
    }

    private static void word(StringBuilder out, String word, String special) {
        // A line break would end the line, whatever stands before it.
        escape(out, word.replace("\n", "\\n"), special);
    }

    private static void escape(StringBuilder out, String word, String special) {
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (special.indexOf(c) >= 0) {
                out.append('\\');
            }
            out.append(c);
        }
    }
}
