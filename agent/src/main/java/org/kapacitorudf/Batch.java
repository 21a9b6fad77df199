package org.kapacitorudf;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.Utf8;

/**
 * A batch: points that belong together, with what Kapacitor says about them before and after.
 *
 * <p>A value that never changes; the {@code with...} methods give changed copies. Of a batch that comes back Kapacitor takes the name, the tags, {@code byName}
 * and {@code tmax}, and of its points the times, tags and fields.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} from whatever is given a text that is no Unicode: {@code name: "a\ud800" (expected: valid Unicode)};
 * of an empty name, and of a line break in a name or a tag.
 */
public final class Batch {
    private final String name;
    private final String group;
    private final Map<String, String> tags;
    private final boolean byName;
    private final long tmaxNanos;
    private final List<Point> points;

    private Batch(
            String name, String group, Map<String, String> tags, boolean byName, long tmaxNanos, List<Point> points) {
        this.name = checked("name", name);
        this.group = checked("group", group);
        this.tags = Map.copyOf(tags);
        this.byName = byName;
        this.tmaxNanos = tmaxNanos;
        this.points = List.copyOf(points);
        this.tags.forEach((tag, value) -> {
            checked("tag name", tag);
            checked("tag value", value);
        });
    }

    private static String checked(String what, String text) {
        Utf8.size(what, Objects.requireNonNull(text, what));
        return text;
    }

    private static String checkedName(String name) {
        return PointFormat.notEmpty("name", PointFormat.oneLine("name", name));
    }

    /** A batch as it comes from Kapacitor: {@code byName} is the beginning's, all else the end's, which is also how Kapacitor reads it. */
    public static Batch of(BatchBegin begin, List<Point> points, BatchEnd end) {
        return new Batch(end.name(), end.group(), end.tags(), begin.byName(), end.tmaxNanos(), points);
    }

    /**
     * A batch without tags.
     *
     * @param name the measurement
     * @param tmaxNanos the batch's time in nanoseconds since the epoch: the end of its window
     */
    public static Batch of(String name, long tmaxNanos, List<Point> points) {
        return new Batch(checkedName(name), "", Map.of(), false, tmaxNanos, points);
    }

    /**
     * A batch of points of a stream: of one group, whose name, grouping and tags it has. Its time is the latest of theirs.
     *
     * @throws IllegalArgumentException if there are no points, or they are not of one group
     */
    public static Batch ofStream(List<Point> points) {
        if (points.isEmpty()) {
            throw new IllegalArgumentException("points: none (expected: at least one)");
        }
        Point first = points.get(0);
        String group = first.group();
        long tmaxNanos = first.timeNanos();
        for (Point point : points) {
            if (!point.group().equals(group)) {
                throw new IllegalArgumentException(
                        "points: of groups \"" + group + "\" and \"" + point.group() + "\" (expected: of one group)");
            }
            tmaxNanos = Math.max(tmaxNanos, point.timeNanos());
        }
        Map<String, String> tags = new LinkedHashMap<>();
        first.dimensions()
                .forEach(dimension -> tags.put(dimension, first.tag(dimension).orElse("")));
        return new Batch(first.name(), group, tags, first.byName(), tmaxNanos, points);
    }

    /** The points as points of a stream: with the batch's name, tags and grouping. */
    public List<Point> streamPoints() {
        List<String> dimensions = tags.keySet().stream().sorted().toList();
        return points.stream().map(point -> streamPoint(point, dimensions)).toList();
    }

    private Point streamPoint(Point point, List<String> dimensions) {
        return point.inStream(name, group, byName, tags, dimensions);
    }

    /** One point of a stream in the place of the batch: with its name, tags, grouping and time, and these fields. */
    public Point summary(Fields fields) {
        Point summary = Point.of("", tmaxNanos).withFields(fields);
        return withPoints(List.of(summary)).streamPoints().get(0);
    }

    /** The measurement. */
    public String name() {
        return name;
    }

    /** The id of the group that the batch belongs to. */
    public String group() {
        return group;
    }

    /** The tags of the group: the batch's own. Its points have these and more. */
    public Map<String, String> tags() {
        return tags;
    }

    /** Whether the group includes the measurement. */
    public boolean byName() {
        return byName;
    }

    /** The batch's time in nanoseconds since the epoch: the end of its window. */
    public long tmaxNanos() {
        return tmaxNanos;
    }

    /** The batch's time, as {@link #tmaxNanos()}. */
    public Instant tmax() {
        return Instant.ofEpochSecond(0, tmaxNanos);
    }

    /** The points, in the order in which they came. */
    public List<Point> points() {
        return points;
    }

    public Batch withName(String name) {
        return new Batch(name.equals(this.name) ? name : checkedName(name), group, tags, byName, tmaxNanos, points);
    }

    /** A copy with these tags and no others. The group's id stays: Kapacitor makes its own from the tags. */
    public Batch withTags(Map<String, String> tags) {
        tags.forEach((tag, value) -> {
            if (!value.equals(this.tags.get(tag))) {
                PointFormat.checkTag(tag, value);
            }
        });
        return new Batch(name, group, tags, byName, tmaxNanos, points);
    }

    public Batch withTmaxNanos(long tmaxNanos) {
        return new Batch(name, group, tags, byName, tmaxNanos, points);
    }

    public Batch withByName(boolean byName) {
        return new Batch(name, group, tags, byName, tmaxNanos, points);
    }

    public Batch withPoints(List<Point> points) {
        return new Batch(name, group, tags, byName, tmaxNanos, points);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Batch that
                && name.equals(that.name)
                && group.equals(that.group)
                && tags.equals(that.tags)
                && byName == that.byName
                && tmaxNanos == that.tmaxNanos
                && points.equals(that.points);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, group, tags, byName, tmaxNanos, points);
    }

    @Override
    public String toString() {
        return LineWriter.series(name, tags) + " " + points.size() + " points until " + tmaxNanos;
    }
}
