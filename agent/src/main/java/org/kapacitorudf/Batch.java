package org.kapacitorudf;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.Utf8;

/**
 * A batch: a group of points and the metadata that Kapacitor sends before and after them.
 *
 * <p>Immutable: the {@code with...} methods return changed copies. From a batch that a function returns, Kapacitor
 * reads the name, the tags, {@code byName} and {@code tmax}, and the times, tags and fields of its points.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} if a string is not valid Unicode
 * ({@code name: "a\ud800" (expected: valid Unicode)}), if a name is empty, or if a name or a tag contains a line break.
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

    /**
     * Creates a batch from Kapacitor's messages. {@code byName} is taken from the begin message, everything else from
     * the end message; Kapacitor reads batches in the same way.
     */
    public static Batch of(BatchBegin begin, List<Point> points, BatchEnd end) {
        return new Batch(end.name(), end.group(), end.tags(), begin.byName(), end.tmaxNanos(), points);
    }

    /**
     * Creates a batch without tags.
     *
     * @param name the measurement
     * @param tmaxNanos the batch's time in nanoseconds since the epoch: the end of its window
     */
    public static Batch of(String name, long tmaxNanos, List<Point> points) {
        return new Batch(checkedName(name), "", Map.of(), false, tmaxNanos, points);
    }

    /**
     * Creates a batch from stream points of one group. It has the name, grouping and tags of the group, and the time of
     * the latest point.
     *
     * @throws IllegalArgumentException if there are no points, or if they belong to different groups
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

    /** Returns the points as stream points, with the batch's name, tags and grouping. */
    public List<Point> streamPoints() {
        List<String> dimensions = tags.keySet().stream().sorted().toList();
        return points.stream().map(point -> streamPoint(point, dimensions)).toList();
    }

    private Point streamPoint(Point point, List<String> dimensions) {
        return point.inStream(name, group, byName, tags, dimensions);
    }

    /**
     * Returns one stream point that summarizes the batch: it has the batch's name, tags, grouping and time, and the
     * given fields.
     */
    public Point summary(Fields fields) {
        Point summary = Point.of("", tmaxNanos).withFields(fields);
        return withPoints(List.of(summary)).streamPoints().get(0);
    }

    /** The name of the measurement. */
    public String name() {
        return name;
    }

    /** The id of the group that the batch belongs to. */
    public String group() {
        return group;
    }

    /** The tags of the group. Each point has these tags and possibly more. */
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

    /** The batch's time; see {@link #tmaxNanos()}. */
    public Instant tmax() {
        return Instant.ofEpochSecond(0, tmaxNanos);
    }

    /** The points in order of arrival. */
    public List<Point> points() {
        return points;
    }

    public Batch withName(String name) {
        return new Batch(name.equals(this.name) ? name : checkedName(name), group, tags, byName, tmaxNanos, points);
    }

    /**
     * Returns a copy with these tags only. The group's id is unchanged: Kapacitor ignores it, and derives the group
     * from the tags.
     */
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
