package org.kapacitorudf.functions.sessions;

import java.util.List;
import java.util.Map;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.series.Series;

/**
 * The session of one group, from its first point to its last, and the name and tags for output points.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Session extends Series {
    /** The size, in bytes, of a session with one tag in an uncompressed snapshot. */
    public static final long SNAPSHOT_BYTES = 150;

    private long begin;
    private int points;
    private boolean open;
    private String name = "";
    private Map<String, String> tags = Map.of();
    private List<String> dimensions = List.of();
    private boolean byName;

    /** The meaning of a point for the session. */
    public enum Mark {
        NONE,
        START,
        STOP
    }

    /** Returns the position of a point relative to the previous points. Call this method once for each point. */
    public Order order(long time, Mark mark) {
        return order(time, mark.ordinal());
    }

    /**
     * Whether the open session ends before a point at the given time: because the gap before the point is too long, or
     * because the clock was set back.
     */
    public boolean endsBefore(long time, long gapNanos) {
        return open && (elapsedNanos(time) > gapNanos || time < lastTime());
    }

    /** Begins a session: output points will have this name, these tags and this grouping. */
    public void begin(long time, String name, Map<String, String> tags, List<String> dimensions, boolean byName) {
        begin = time;
        points = 0;
        open = true;
        this.name = name;
        this.tags = tags;
        this.dimensions = dimensions;
        this.byName = byName;
    }

    /** Records the next point, as part of the session if one is open. */
    public void add(long time, Mark mark) {
        points += open && points < Integer.MAX_VALUE ? 1 : 0;
        moveTo(time, mark.ordinal());
    }

    /** Ends the session. */
    public void end() {
        open = false;
        points = 0;
    }

    public boolean isOpen() {
        return open;
    }

    /** The time of the first point in nanoseconds since the epoch. */
    public long beginTime() {
        return begin;
    }

    /** The duration of the session so far, in seconds; 0 if none is open. */
    public double seconds() {
        return open ? (lastTime() - begin) / 1e9 : 0;
    }

    /** The number of points of the session; 0 if none is open. */
    public int points() {
        return points;
    }

    public String name() {
        return name;
    }

    public Map<String, String> tags() {
        return tags;
    }

    public List<String> dimensions() {
        return dimensions;
    }

    public boolean byName() {
        return byName;
    }
}
