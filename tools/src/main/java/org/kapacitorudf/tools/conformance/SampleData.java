package org.kapacitorudf.tools.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;

/**
 * The input data for a function: points, or the same points in batches.
 *
 * <p>Threading: immutable.
 */
final class SampleData {
    private static final int POINTS_PER_BATCH = 100;
    private static final int ORDINARY_BATCH = 10;

    private final EdgeType wants;
    private final List<Point> points;
    private final long stepNanos;

    SampleData(EdgeType wants, List<Point> points) {
        this.wants = wants;
        this.points = points;
        stepNanos = 1 + points.get(points.size() - 1).getTime() - points.get(0).getTime();
    }

    boolean isBatches() {
        return wants == EdgeType.BATCH;
    }

    /** The points, unchanged. */
    List<Request> sample() {
        return isBatches() ? batches(points) : Points.of(points).requests();
    }

    /** The first point of the sample, changed; inside a normal batch if the function takes batches. */
    List<Request> one(UnaryOperator<Point.Builder> change) {
        Point point = change.apply(points.get(0).toBuilder()).build();
        if (!isBatches()) {
            return List.of(Frames.request(point));
        }
        List<Point> batch = repeated(ORDINARY_BATCH);
        batch.set(0, point);
        return batchOf(batch).requests();
    }

    /** This many points: the sample, repeated with increasing times. */
    List<Request> many(int count) {
        if (!isBatches()) {
            return Points.of(repeated(count)).requests();
        }
        List<Request> requests = new ArrayList<>();
        List<Point> all = repeated(count);
        for (int from = 0; from < count; from += POINTS_PER_BATCH) {
            requests.addAll(batchOf(all.subList(from, Math.min(count, from + POINTS_PER_BATCH)))
                    .requests());
        }
        return requests;
    }

    /** One batch with a typical number of points. */
    PointBatch batch() {
        return batch(ORDINARY_BATCH);
    }

    /** One batch of this many points. */
    PointBatch batch(int size) {
        return batchOf(repeated(size));
    }

    private List<Point> repeated(int count) {
        List<Point> repeated = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Point point = points.get(i % points.size());
            repeated.add(point.toBuilder()
                    .setTime(point.getTime() + i / points.size() * stepNanos)
                    .build());
        }
        return repeated;
    }

    /** One batch with the group of the first point, regardless of the groups of the others. */
    private PointBatch batchOf(List<Point> some) {
        Point first = points.get(0);
        Map<String, String> tags = new TreeMap<>();
        first.getDimensionsList().forEach(tag -> tags.put(tag, first.getTagsOrDefault(tag, "")));
        long tmaxNanos =
                some.isEmpty() ? first.getTime() : some.get(some.size() - 1).getTime();
        return PointBatch.of(
                first.getName(),
                tags,
                first.getByName(),
                tmaxNanos,
                some.stream()
                        .map(point -> point.toBuilder().putAllTags(tags).build())
                        .toList());
    }

    private static List<Request> batches(List<Point> points) {
        return Points.of(points).batches().stream()
                .flatMap(batch -> batch.requests().stream())
                .toList();
    }
}
