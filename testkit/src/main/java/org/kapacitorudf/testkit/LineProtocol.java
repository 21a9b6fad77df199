package org.kapacitorudf.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
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
 * stands for itself. A string may hold line breaks. Comments ({@code #}) and empty lines are skipped. Two things more
 * can be read, because a function may emit them and a test has to write them down: {@code NaN}, {@code +Inf} and {@code
 * -Inf}.
 *
 * <p>What is written can be read again, and is the same text for the same point: tags and fields sorted by name,
 * doubles as {@link Double#toString(double)} has them, always with a time. The exceptions are InfluxDB's own: a name,
 * key or tag that is empty, ends in a backslash or holds a line break, and a point without fields (written with two
 * spaces in their place), can be shown but not read.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} says what was expected where in which line.
 */
public final class LineProtocol {
    private static final Pattern NUMBER = Pattern.compile("-?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern INTEGER = Pattern.compile("-?\\d+");
    private static final Set<String> TRUE = Set.of("t", "T", "true", "True", "TRUE");
    private static final Set<String> FALSE = Set.of("f", "F", "false", "False", "FALSE");

    private final String text;
    private int position;
    private int lineStart;

    private LineProtocol(String text) {
        this.text = text;
    }

    /** The point of one line; its time is 0 when the line has none. */
    public static Point parse(String line) {
        return parse(line, 0);
    }

    /** The point of one line, with a time for a line that has none. */
    public static Point parse(String line, long defaultTimeNanos) {
        List<Point> points = new LineProtocol(line).points(defaultTimeNanos);
        if (points.size() != 1) {
            throw new IllegalArgumentException("line: " + points.size() + " points (expected: 1) in \"" + line + "\"");
        }
        return points.get(0);
    }

    /** The points of any number of lines; the time of a line that has none is 0. */
    public static List<Point> parseAll(String lines) {
        return new LineProtocol(lines).points(0);
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
            escape(line, key, ",= \"");
            line.append('=').append(value);
        }));
        return line.append(' ').append(point.getTime()).toString();
    }

    /** A name and tags, as they stand at the beginning of a line: {@code cpu,host=a}. */
    static String formatSeries(String name, Map<String, String> tags) {
        StringBuilder series = new StringBuilder();
        escape(series, name, ", ");
        new TreeMap<>(tags).forEach((key, value) -> {
            escape(series.append(','), key, ",= ");
            escape(series.append('='), value, ",= ");
        });
        return series.toString();
    }

    /** A point that has a name and tags and nothing else. */
    static Point parseSeries(String series) {
        LineProtocol text = new LineProtocol(series);
        Point.Builder point = text.series();
        if (text.position != series.length()) {
            throw text.problem("a name and tags only");
        }
        return point.build();
    }

    private List<Point> points(long defaultTimeNanos) {
        List<Point> points = new ArrayList<>();
        while (position < text.length()) {
            lineStart = position;
            skipSpaces();
            if (atLineEnd()) {
                position++;
            } else if (text.charAt(position) == '#') {
                int lineEnd = text.indexOf('\n', position);
                position = lineEnd < 0 ? text.length() : lineEnd + 1;
            } else {
                points.add(point(defaultTimeNanos));
            }
        }
        return points;
    }

    private Point point(long defaultTimeNanos) {
        Point.Builder point = series();
        expect(' ', "a space before the fields");
        skipSpaces();
        field(point);
        while (peek() == ',') {
            position++;
            field(point);
        }
        if (!atLineEnd() && peek() != ' ') {
            throw problem("a comma or a space after the field");
        }
        skipSpaces();
        point.setTime(atLineEnd() ? defaultTimeNanos : integer(token(), "a time in nanoseconds"));
        skipSpaces();
        if (!atLineEnd()) {
            throw problem("the end of the line");
        }
        position++;
        return point.build();
    }

    private Point.Builder series() {
        Point.Builder point = Point.newBuilder().setName(word(", ", ", ", "a measurement"));
        while (peek() == ',') {
            position++;
            String key = word("=, ", ",= ", "a tag's key");
            expect('=', "= after the tag's key");
            String value = word(",= ", ",= ", "a tag's value");
            if (point.containsTags(key)) {
                throw problem("a tag's key only once");
            }
            point.putTags(key, value);
        }
        return point;
    }

    private void field(Point.Builder point) {
        String key = word("=, ", ",= \"", "a field's key");
        expect('=', "= after the field's key");
        if (peek() == '"') {
            String value = string();
            remove(point, key).putFieldsString(key, value);
            return;
        }
        int start = position;
        String token = token();
        if (TRUE.contains(token) || FALSE.contains(token)) {
            remove(point, key).putFieldsBool(key, TRUE.contains(token));
        } else if (token.endsWith("i")) {
            remove(point, key).putFieldsInt(key, integer(token.substring(0, token.length() - 1), "a 64-bit integer"));
        } else {
            position = start;
            double value = number(token);
            position = start + token.length();
            remove(point, key).putFieldsDouble(key, value);
        }
    }

    /** A field that is given twice has its last value, whatever the types. */
    private static Point.Builder remove(Point.Builder point, String key) {
        return point.removeFieldsDouble(key)
                .removeFieldsInt(key)
                .removeFieldsString(key)
                .removeFieldsBool(key);
    }

    private String word(String ends, String escapable, String expected) {
        StringBuilder word = new StringBuilder();
        while (!atLineEnd() && ends.indexOf(text.charAt(position)) < 0) {
            char c = text.charAt(position++);
            if (c == '\\' && position < text.length() && escapable.indexOf(text.charAt(position)) >= 0) {
                c = text.charAt(position++);
            }
            word.append(c);
        }
        if (word.isEmpty()) {
            throw problem(expected);
        }
        return word.toString();
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        for (position++; position < text.length(); position++) {
            char c = text.charAt(position);
            if (c == '"') {
                position++;
                return string.toString();
            }
            if (c == '\\' && position + 1 < text.length() && "\"\\".indexOf(text.charAt(position + 1)) >= 0) {
                c = text.charAt(++position);
            }
            string.append(c);
        }
        throw problem("a closing \"");
    }

    private String token() {
        int start = position;
        while (!atLineEnd() && ", ".indexOf(text.charAt(position)) < 0) {
            position++;
        }
        return text.substring(start, position);
    }

    private long integer(String token, String expected) {
        if (INTEGER.matcher(token).matches()) {
            try {
                return Long.parseLong(token);
            } catch (NumberFormatException e) {
                throw problem(expected);
            }
        }
        throw problem(expected);
    }

    private double number(String token) {
        switch (token) {
            case "NaN":
                return Double.NaN;
            case "+Inf":
                return Double.POSITIVE_INFINITY;
            case "-Inf":
                return Double.NEGATIVE_INFINITY;
            default:
                double value = NUMBER.matcher(token).matches() ? Double.parseDouble(token) : Double.NaN;
                if (Double.isNaN(value) || Double.isInfinite(value)) {
                    throw problem("a double (1.5), an int (1i), a string (\"a\") or a bool (true)");
                }
                return value;
        }
    }

    private void expect(char c, String expected) {
        if (peek() != c) {
            throw problem(expected);
        }
        position++;
    }

    private char peek() {
        return atLineEnd() ? '\n' : text.charAt(position);
    }

    private boolean atLineEnd() {
        return position >= text.length()
                || text.charAt(position) == '\n'
                || (text.charAt(position) == '\r'
                        && (position + 1 == text.length() || text.charAt(position + 1) == '\n'));
    }

    private void skipSpaces() {
        while (position < text.length() && text.charAt(position) == ' ') {
            position++;
        }
    }

    private IllegalArgumentException problem(String expected) {
        int lineEnd = text.indexOf('\n', lineStart);
        String line = text.substring(lineStart, lineEnd < 0 ? text.length() : lineEnd);
        return new IllegalArgumentException(
                "line: \"" + line + "\" at " + (position - lineStart) + " (expected: " + expected + ")");
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

    private static void escape(StringBuilder out, String word, String special) {
        for (int i = 0; i < word.length(); i++) {
            if (special.indexOf(word.charAt(i)) >= 0) {
                out.append('\\');
            }
            out.append(word.charAt(i));
        }
    }
}
