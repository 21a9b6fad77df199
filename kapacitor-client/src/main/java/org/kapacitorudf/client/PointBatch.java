package org.kapacitorudf.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;

/**
 * A batch in the protocol: a begin message, the points, and an end message.
 *
 * <p>Threading: immutable.
 *
 * @param begin the begin message
 * @param points the points, in order
 * @param end the end message
 */
public record PointBatch(BeginBatch begin, List<Point> points, EndBatch end) {
    /** Checks and copies the arguments. */
    public PointBatch {
        points = List.copyOf(points);
    }

    /**
     * Creates a batch as Kapacitor does: the group is derived from the batch's tags, the size is the number of points,
     * and the batch's time is in the end message. Each point has only a time, a group, tags and fields.
     */
    public static PointBatch of(
            String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<Point> points) {
        String group = Points.groupId(name, tags, byName, List.copyOf(new TreeSet<>(tags.keySet())));
        BeginBatch begin = BeginBatch.newBuilder()
                .setName(name)
                .setGroup(group)
                .putAllTags(tags)
                .setSize(points.size())
                .setByName(byName)
                .build();
        EndBatch end = EndBatch.newBuilder()
                .setName(name)
                .setGroup(group)
                .setTmax(tmaxNanos)
                .putAllTags(tags)
                .build();
        List<Point> inBatch = new ArrayList<>(points.size());
        for (Point point : points) {
            inBatch.add(point.toBuilder()
                    .clearName()
                    .clearDatabase()
                    .clearRetentionPolicy()
                    .clearDimensions()
                    .clearByName()
                    .setGroup(group)
                    .build());
        }
        return new PointBatch(begin, inBatch, end);
    }

    /** The requests for this batch. */
    public List<Request> requests() {
        List<Request> requests = new ArrayList<>(points.size() + 2);
        requests.add(Frames.request(begin));
        points.forEach(point -> requests.add(Frames.request(point)));
        requests.add(Frames.request(end));
        return requests;
    }

    /**
     * The batch in one line, without its points: {@code batch cpu,host=a until 20}, or
     * {@code batch cpu,host=a by measurement until 20}. The name, the tags and the time are those of the end message,
     * as in Kapacitor.
     */
    public String head() {
        return "batch "
                + LineProtocol.formatSeries(end.getName(), end.getTagsMap())
                + (begin.getByName() ? " by measurement until " : " until ")
                + end.getTmax();
    }

    /**
     * The points in {@linkplain LineProtocol line protocol}, with the batch's name from the end message, as in
     * Kapacitor.
     */
    public List<String> lines() {
        return points.stream()
                .map(point -> LineProtocol.format(
                        point.toBuilder().setName(end.getName()).build()))
                .toList();
    }
}
