package org.kapacitorudf.streams;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.wire.PointAccess;

/**
 * Collects the points of a partition in batches: for each measurement and group, in windows that begin at multiples of
 * their length.
 *
 * <pre>
 *   windows of 10 s     from 0 s to 10 s, from 10 s to 20 s, as with .align()
 *   closed              when event time has reached the end plus the grace period
 * </pre>
 *
 * Open points are in a store, from the next {@link #write} on:
 * <pre>
 *   80 00 .. | 00 00 00 0A | 63 70 75 0A .. | 00 .. 07     key: the end, a long whose bytes sort like its value;
 *                                                          the length of "cpu\nhost=a" and that text; a count
 *   FF                                                     value: the end up to which windows have been closed,
 *                                                          and event time; two longs
 * </pre>
 *
 * Times in the store that are too far ahead of the wall clock do not count: they come from a wrong clock, and event
 * time would not reach them for years.
 *
 * <p>Threading: used by one stream thread.
 */
final class OpenWindows {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    private static final Bytes PROGRESS = Bytes.wrap(new byte[] {(byte) 0xFF});

    private final KeyValueStore<Bytes, byte[]> store;
    private final long windowNanos;
    private final long graceNanos;
    private final int maxPoints;
    private final TreeMap<Long, Map<String, List<Open>>> byEnd = new TreeMap<>();
    private final Map<Bytes, byte[]> unwritten = new LinkedHashMap<>(); // points that are not in the store
    private final List<Bytes> closed = new ArrayList<>(); // points in the store whose windows have been closed
    private long unwrittenBytes;
    private boolean isProgressUnwritten;
    private int points;
    private long number;
    private long closedNanos = Long.MIN_VALUE;
    private long eventNanos = Long.MIN_VALUE;

    private record Open(Bytes key, Point point) {}

    /** @param latestNanos the latest possible event time of what is in the store, in nanoseconds since the epoch */
    OpenWindows(
            KeyValueStore<Bytes, byte[]> store, long windowNanos, long graceNanos, int maxPoints, long latestNanos) {
        this.store = store;
        this.windowNanos = windowNanos;
        this.graceNanos = graceNanos;
        this.maxPoints = maxPoints;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                restore(all.next(), latestNanos);
            }
        }
    }

    private void restore(KeyValue<Bytes, byte[]> stored, long latestNanos) {
        if (stored.key.equals(PROGRESS)) {
            ByteBuffer progress = ByteBuffer.wrap(stored.value);
            long end = progress.getLong();
            if (end - windowNanos <= latestNanos) {
                closedNanos = end;
            }
            restoreTime(progress.getLong(), latestNanos);
            return;
        }
        ByteBuffer key = ByteBuffer.wrap(stored.key.get());
        long end = key.getLong() ^ Long.MIN_VALUE;
        byte[] series = new byte[key.getInt()];
        key.get(series);
        number = Math.max(number, key.getLong() + 1);
        Point point = POINTS.decode(stored.value, 0, stored.value.length);
        restoreTime(point.timeNanos(), latestNanos);
        open(end, new String(series, StandardCharsets.UTF_8), new Open(stored.key, point));
    }

    private void restoreTime(long nanos, long latestNanos) {
        if (nanos <= latestNanos) {
            eventNanos = Math.max(eventNanos, nanos);
        }
    }

    private void open(long end, String series, Open point) {
        byEnd.computeIfAbsent(end, none -> new LinkedHashMap<>())
                .computeIfAbsent(series, none -> new ArrayList<>())
                .add(point);
        points++;
    }

    /** Adds a point if its window is still open; returns whether it was added. */
    boolean add(Point point, byte[] encoded) {
        long end = Math.floorDiv(point.timeNanos(), windowNanos) * windowNanos + windowNanos;
        if (end <= closedNanos) {
            return false;
        }
        String series = point.name() + '\n' + point.group();
        Open open = new Open(key(end, series), point);
        unwritten.put(open.key, encoded);
        unwrittenBytes += encoded.length;
        open(end, series, open);
        return true;
    }

    private Bytes key(long end, String series) {
        byte[] name = series.getBytes(StandardCharsets.UTF_8);
        ByteBuffer key = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES + name.length);
        return Bytes.wrap(key.putLong(end ^ Long.MIN_VALUE)
                .putInt(name.length)
                .put(name)
                .putLong(number++)
                .array());
    }

    /** Advances event time, and passes on the batches of the windows that are thereby closed. */
    void advance(long nanos, Consumer<Batch> batches) {
        if (nanos <= eventNanos) {
            return;
        }
        eventNanos = nanos;
        while (!byEnd.isEmpty() && byEnd.firstKey() <= eventNanos - graceNanos) {
            closeFirst(batches);
        }
    }

    /** If there are too many points, closes the windows that end first; returns whether that was necessary. */
    boolean closeEarly(Consumer<Batch> batches) {
        boolean tooMany = points > maxPoints;
        if (tooMany) {
            closeFirst(batches);
        }
        return tooMany;
    }

    private void closeFirst(Consumer<Batch> batches) {
        Map.Entry<Long, Map<String, List<Open>>> first = byEnd.pollFirstEntry();
        long end = first.getKey();
        for (List<Open> open : first.getValue().values()) {
            points -= open.size();
            batches.accept(
                    Batch.ofStream(open.stream().map(Open::point).toList()).withTmaxNanos(end));
            open.forEach(point -> remove(point.key));
        }
        closedNanos = Math.max(closedNanos, end);
        isProgressUnwritten = true;
    }

    private void remove(Bytes key) {
        byte[] encoded = unwritten.remove(key);
        if (encoded == null) {
            closed.add(key);
        } else {
            unwrittenBytes -= encoded.length;
        }
    }

    /** The size of the open points that have not been written. */
    long unwrittenBytes() {
        return unwrittenBytes;
    }

    /**
     * Writes the changes to the store. Call this before a commit, after the handler's state has been written: if the
     * next worker found a window closed, and the state and the offsets of before, it would drop the points as late.
     */
    void write() {
        unwritten.forEach(store::put);
        unwritten.clear();
        unwrittenBytes = 0;
        closed.forEach(store::delete);
        closed.clear();
        if (isProgressUnwritten) {
            store.put(
                    PROGRESS,
                    ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(closedNanos)
                            .putLong(eventNanos)
                            .array());
            isProgressUnwritten = false;
        }
    }
}
