package org.kapacitorudf.server.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.proto.Point;

/**
 * Makes batches of points, for each measurement and group.
 *
 * <pre>
 *   windows of 10 s     from 0 s to 10 s, from 10 s to 20 s, as with .align(); a window's batch comes with its group's first point behind it
 *   5 points            each five
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
final class Batches {
    private final long windowNanos; // 0 for batches by count
    private final int count;
    private final int maxWaiting;
    private final Map<String, Open> open = new LinkedHashMap<>();
    private int waiting;
    private long late;

    private static final class Open {
        private final List<Point> points = new ArrayList<>();
        private long firstLine;
        private long lastLine;
        private long end; // of the window
    }

    /** A batch, and from which line of the input to which its points are. */
    record Complete(PointBatch batch, long firstLine, long lastLine) {}

    private Batches(long windowNanos, int count, int maxWaiting) {
        this.windowNanos = windowNanos;
        this.count = count;
        this.maxWaiting = maxWaiting;
    }

    static Batches byWindow(Duration window, int maxWaiting) {
        return new Batches(window.toNanos(), 0, maxWaiting);
    }

    static Batches byCount(int count, int maxWaiting) {
        return new Batches(0, count, maxWaiting);
    }

    /**
     * Takes a point; gives the batch that is complete by that.
     *
     * @param line the point's, in the input
     * @throws CallException if too many points wait for their batch to be complete
     */
    Optional<Complete> add(Point point, long line) {
        Open group = open.computeIfAbsent(point.getName() + '\n' + point.getGroup(), key -> new Open());
        Optional<Complete> complete = Optional.empty();
        if (windowNanos > 0) {
            long start = Math.floorDiv(point.getTime(), windowNanos) * windowNanos;
            if (group.points.isEmpty()) {
                group.end = Math.max(group.end, start + windowNanos);
            } else if (point.getTime() >= group.end) {
                complete = Optional.of(take(group));
                group.end = start + windowNanos;
            }
            if (start + windowNanos < group.end) {
                late++;
                return complete;
            }
        }
        if (waiting == maxWaiting) {
            throw new CallException(
                    CallException.Kind.TOO_MANY_WAITING,
                    waiting + " points wait for their batches to be complete (expected: <= " + maxWaiting
                            + ", --max-waiting-points; smaller batches or fewer groups need fewer)");
        }
        waiting++;
        if (group.points.isEmpty()) {
            group.firstLine = line;
        }
        group.lastLine = line;
        group.points.add(point);
        return group.points.size() == count ? Optional.of(take(group)) : complete;
    }

    /** The batches that are not complete, once nothing comes any more. */
    List<Complete> rest() {
        List<Complete> rest = new ArrayList<>();
        for (Open group : open.values()) {
            if (!group.points.isEmpty()) {
                rest.add(take(group));
            }
        }
        return rest;
    }

    /** How many points came when their window was over, and are in no batch. */
    long late() {
        return late;
    }

    private Complete take(Open group) {
        Point first = group.points.get(0);
        Map<String, String> tags = SeriesName.tags(first);
        long tmax = windowNanos > 0
                ? group.end
                : group.points.stream().mapToLong(Point::getTime).max().orElseThrow();
        PointBatch batch = PointBatch.of(first.getName(), tags, first.getByName(), tmax, group.points);
        waiting -= group.points.size();
        group.points.clear();
        return new Complete(batch, group.firstLine, group.lastLine);
    }
}
