package org.kapacitorudf.server.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;

/**
 * Collects points in batches, separately for each measurement and group.
 *
 * <pre>
 *   windows of 10 s     from 0 s to 10 s, from 10 s to 20 s, as with .align()
 *                       a group's first point after a window completes its batch
 *   5 points            every five points of a group
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
public final class WindowBatches {
    private final boolean used;
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

    /**
     * A batch, and the line numbers of its first and last points in the input; both numbers are 0 if the input does not
     * consist of lines.
     */
    public record Complete(Batch batch, long firstLine, long lastLine) {}

    private WindowBatches(long windowNanos, int count, int maxWaiting) {
        this.used = windowNanos > 0 || count > 0;
        this.windowNanos = windowNanos;
        this.count = count;
        this.maxWaiting = maxWaiting;
    }

    /**
     * @param window the length of time windows; null for none
     * @param count the number of points per batch; 0 for none
     */
    public static WindowBatches of(@Nullable Duration window, int count, int maxWaiting) {
        return window != null ? byWindow(window, maxWaiting) : byCount(count, maxWaiting);
    }

    /** Whether points are collected in batches. */
    public boolean isUsed() {
        return used;
    }

    static WindowBatches byWindow(Duration window, int maxWaiting) {
        return new WindowBatches(window.toNanos(), 0, maxWaiting);
    }

    static WindowBatches byCount(int count, int maxWaiting) {
        return new WindowBatches(0, count, maxWaiting);
    }

    /**
     * Adds a point; returns the batch that it completes.
     *
     * @param line the point's line in the input
     * @throws CallException if too many points are in incomplete batches
     */
    public Optional<Complete> add(Point point, long line) {
        Open group = open.computeIfAbsent(point.name() + '\n' + point.group(), key -> new Open());
        Optional<Complete> whole = Optional.empty();
        if (windowNanos > 0) {
            long start = Math.floorDiv(point.timeNanos(), windowNanos) * windowNanos;
            if (group.points.isEmpty()) {
                group.end = Math.max(group.end, start + windowNanos);
            } else if (point.timeNanos() >= group.end) {
                whole = Optional.of(take(group));
                group.end = start + windowNanos;
            }
            if (start + windowNanos < group.end) {
                late++;
                return whole;
            }
        }
        if (waiting == maxWaiting) {
            throw new CallException(
                    CallException.Kind.TOO_MANY_WAITING,
                    waiting + " points wait for their batches to be complete (expected: <= " + maxWaiting
                            + ", --max-waiting-points; smaller batches or fewer groups reduce it)");
        }
        waiting++;
        if (group.points.isEmpty()) {
            group.firstLine = line;
        }
        group.lastLine = line;
        group.points.add(point);
        return group.points.size() == count ? Optional.of(take(group)) : whole;
    }

    /** Removes and returns the incomplete batches, at the end of the input. */
    public List<Complete> rest() {
        List<Complete> rest = new ArrayList<>();
        for (Open group : open.values()) {
            if (!group.points.isEmpty()) {
                rest.add(take(group));
            }
        }
        return rest;
    }

    /**
     * Removes and returns the batches whose windows have ended by the given time, although no later point has arrived.
     * Groups without points are forgotten, so that the memory they take is limited; with windows, one more window after
     * the end of their last one, because a late point must be recognised until then.
     */
    public List<Complete> over(long nowNanos) {
        open.values().removeIf(group -> group.points.isEmpty() && group.end < nowNanos - windowNanos);
        List<Complete> over = new ArrayList<>();
        for (Open group : open.values()) {
            if (windowNanos > 0 && !group.points.isEmpty() && group.end <= nowNanos) {
                over.add(take(group));
            }
        }
        return over;
    }

    /** The number of points that arrived after the end of their window and are in no batch. */
    public long late() {
        return late;
    }

    /** The number of points in incomplete batches. */
    public int waiting() {
        return waiting;
    }

    /** The number of measurements and groups in memory. */
    int groups() {
        return open.size();
    }

    private Complete take(Open group) {
        Batch batch = Batch.ofStream(group.points);
        waiting -= group.points.size();
        group.points.clear();
        return new Complete(windowNanos > 0 ? batch.withTmaxNanos(group.end) : batch, group.firstLine, group.lastLine);
    }
}
