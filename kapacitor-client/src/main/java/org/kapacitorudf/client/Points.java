package org.kapacitorudf.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;

/**
 * Points in the form in which Kapacitor sends them, created from line protocol.
 *
 * <pre>{@code
 * kapacitor.send(Points.of("cpu,host=a value=1 0", "cpu,host=b value=2 1").groupBy("host"));
 * kapacitor.sendBatches(Points.of("cpu,host=a value=1 0", "cpu,host=a value=2 1").groupBy("host").batches());
 * }</pre>
 *
 * <p>Threading: immutable; every change returns a new object.
 */
public final class Points implements Iterable<Point> {
    private final List<Point> points;

    private Points(List<Point> points) {
        this.points = List.copyOf(points);
    }

    /** Parses lines. */
    public static Points of(String... lines) {
        return new Points(Stream.of(lines).map(LineProtocol::parse).toList());
    }

    /** Parses text with any number of lines. */
    public static Points parse(String text) {
        return new Points(LineProtocol.parseAll(text));
    }

    /** Wraps existing points. */
    public static Points of(Collection<Point> points) {
        return new Points(List.copyOf(points));
    }

    /**
     * The group that Kapacitor computes.
     *
     * <pre>
     *   groupBy('host', 'rack')             host=a,rack=r1
     *   groupBy('host').byMeasurement()     cpu\nhost=a
     *   groupByMeasurement()                cpu
     *   none                                (empty)
     * </pre>
     *
     * A dimension without a tag has an empty value: {@code host=}.
     *
     * @param dimensions the names of the tags to group by, in the order in which the group id contains them; Kapacitor
     *     sorts them by name
     */
    public static String groupId(String name, Map<String, String> tags, boolean byName, List<String> dimensions) {
        String values = dimensions.stream()
                .map(dimension -> dimension + "=" + tags.getOrDefault(dimension, ""))
                .collect(Collectors.joining(","));
        if (!byName) {
            return values;
        }
        return dimensions.isEmpty() ? name : name + "\n" + values;
    }

    /**
     * All fields of a point, sorted by name. The values are of the types {@link Double}, {@link Long}, {@link String}
     * or {@link Boolean}. If a field has values of several types, the last one in the order string, int, double, bool
     * is used, as in Kapacitor.
     */
    public static Map<String, Object> fields(Point point) {
        Map<String, Object> fields = new TreeMap<>();
        fields.putAll(point.getFieldsStringMap());
        fields.putAll(point.getFieldsIntMap());
        fields.putAll(point.getFieldsDoubleMap());
        fields.putAll(point.getFieldsBoolMap());
        return fields;
    }

    /** Returns a copy in which all points have this database and retention policy. */
    public Points in(String database, String retentionPolicy) {
        return map(point -> point.toBuilder()
                .setDatabase(database)
                .setRetentionPolicy(retentionPolicy)
                .build());
    }

    /**
     * Returns the points grouped by these tags. If they are already
     * {@linkplain #groupByMeasurement() grouped by measurement}, this grouping is kept.
     */
    public Points groupBy(String... tags) {
        List<String> dimensions = Stream.of(tags).sorted().toList();
        return map(point -> grouped(point, point.getByName(), dimensions));
    }

    /** Returns the points, each grouped by all of its tags, as with {@code groupBy(*)}. */
    public Points groupByAll() {
        return map(point -> grouped(
                point,
                point.getByName(),
                point.getTagsMap().keySet().stream().sorted().toList()));
    }

    /** Returns the points grouped by measurement, in addition to the tags that they are already grouped by. */
    public Points groupByMeasurement() {
        return map(point -> grouped(point, true, List.copyOf(point.getDimensionsList())));
    }

    /**
     * One batch for each group, as a window would send it. The batches are in the order in which their groups first
     * occur. The time of a batch is the latest time of its points.
     */
    public List<PointBatch> batches() {
        Map<String, List<Point>> groups = new LinkedHashMap<>();
        points.forEach(point -> groups.computeIfAbsent(point.getGroup(), group -> new ArrayList<>())
                .add(point));
        return groups.values().stream().map(Points::batch).toList();
    }

    /** The points. */
    public List<Point> list() {
        return points;
    }

    /** The requests for these points. */
    public List<Request> requests() {
        return points.stream().map(Frames::request).toList();
    }

    /** The points in {@linkplain LineProtocol line protocol}. */
    public List<String> lines() {
        return points.stream().map(LineProtocol::format).toList();
    }

    @Override
    public Iterator<Point> iterator() {
        return points.iterator();
    }

    private Points map(UnaryOperator<Point> change) {
        return new Points(points.stream().map(change).toList());
    }

    private static Point grouped(Point point, boolean byName, List<String> dimensions) {
        return point.toBuilder()
                .clearDimensions()
                .addAllDimensions(dimensions)
                .setByName(byName)
                .setGroup(groupId(point.getName(), point.getTagsMap(), byName, dimensions))
                .build();
    }

    private static PointBatch batch(List<Point> group) {
        Point first = group.get(0);
        Map<String, String> tags = new LinkedHashMap<>();
        first.getDimensionsList()
                .forEach(dimension -> tags.put(dimension, first.getTagsMap().getOrDefault(dimension, "")));
        long tmaxNanos = group.stream().mapToLong(Point::getTime).max().orElseThrow();
        return PointBatch.of(first.getName(), tags, first.getByName(), tmaxNanos, group);
    }
}
