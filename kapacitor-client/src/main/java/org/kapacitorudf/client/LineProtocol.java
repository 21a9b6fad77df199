package org.kapacitorudf.client;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.proto.Point;

/**
 * Converts protocol points from and to InfluxDB's line protocol.
 *
 * <pre>
 *   cpu,host=a,rack=r1 value=1.5,count=3i,note="a \"b\"",ok=true 1700000000000000000
 *   name tags          fields: double, int, string, bool         time in nanoseconds
 * </pre>
 *
 * <p>The syntax is that of {@link LineReader} and {@link LineWriter}; this class converts between their bytes and
 * protobuf's classes.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} with the position and what was expected.
 */
public final class LineProtocol {
    private LineProtocol() {}

    /** Parses a point; its time is 0 if the line has none. */
    public static Point parse(String line) {
        return parse(line, 0);
    }

    /** Parses a point. If the line has no time, the point has the default time. */
    public static Point parse(String line, long defaultTimeNanos) {
        List<Point> points = points(line, defaultTimeNanos);
        if (points.size() != 1) {
            throw new IllegalArgumentException("line: " + points.size() + " points (expected: 1) in \"" + line + "\"");
        }
        return points.get(0);
    }

    /** Parses any number of lines; the time of a point is 0 if its line has none. */
    public static List<Point> parseAll(String lines) {
        return points(lines, 0);
    }

    /**
     * Formats a point as one line without a line break. If the point wrongly contains a field with two types, the field
     * occurs twice in the line.
     */
    public static String format(Point point) {
        byte[] encoded = point.toByteArray();
        return LineWriter.line(encoded, 0, encoded.length);
    }

    /** Formats a name with tags, as at the beginning of a line: {@code cpu,host=a}. */
    public static String formatSeries(String name, Map<String, String> tags) {
        return LineWriter.series(name, tags);
    }

    /** Parses a name with tags, and returns a point without fields. */
    public static Point parseSeries(String series) {
        return decoded(LineReader.series(encoded(series)));
    }

    private static List<Point> points(String lines, long defaultTimeNanos) {
        List<Point> points = new ArrayList<>();
        LineReader reader = LineReader.ofRecords().clock(() -> defaultTimeNanos).maxLineBytes(Integer.MAX_VALUE);
        reader.input(encoded(lines), "", "");
        reader.forEachRemaining(point -> points.add(decoded(point)));
        return points;
    }

    private static Point decoded(byte[] encoded) {
        try {
            return Point.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encoded(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(encoded.array(), encoded.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text: a lone surrogate (expected: valid Unicode) in \"" + text + "\"");
        }
    }

    /** Formats the value of a field as in line protocol. The value must be a Double, Long, String or Boolean. */
    public static String written(Object value) {
        return LineWriter.value(value);
    }
}
