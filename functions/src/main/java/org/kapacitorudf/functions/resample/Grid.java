package org.kapacitorudf.functions.resample;

import java.util.Objects;
import org.kapacitorudf.functions.series.Order;

/**
 * Puts a series on a regular grid: the whole multiples of {@code everyNanos} since the epoch.
 *
 * <pre>
 *   points       a       b  c                d
 *   grid     |       |       |       |       |       |
 *   given            1       2       3       4              each when the first point at or after it arrives
 * </pre>
 *
 * <p>The interval of a grid time begins after the previous grid time and includes the grid time itself. The mean, the
 * integral and the increase are produced only if the series is known in the whole interval, that is, not for the
 * interval that contains the first point.
 *
 * <p>Points that are further apart than {@code maxGapNanos} are not connected. The series starts again after such a
 * gap.
 *
 * <p>Threading: safe for use by any thread, but by one at a time for each series.
 */
public final class Grid {
    /** The maximum number of grid times in a gap, all of which are produced by one point. */
    public static final int MOST_TIMES = 10_000;

    private final long everyNanos;
    private final Method method;
    private final Fill fill;
    private final long maxGapNanos;

    /** What is computed for a grid time. */
    public enum Method {
        /** The value at the grid time. */
        VALUE,
        /** The mean over the interval, weighted by time. */
        MEAN,
        /** The integral over the interval: value times seconds. */
        INTEGRAL,
        /** The increase of a counter in the interval. A decrease is a reset: the counter starts from 0 again. */
        INCREASE
    }

    /** The assumed values between two points. */
    public enum Fill {
        /** A straight line. The increase of a counter is spread evenly over the time between the points. */
        LINEAR,
        /** The value of the earlier point. The whole increase of a counter is at the time of the later point. */
        PREVIOUS,
        /** Like {@link #PREVIOUS}, but nothing is produced for an interval without a point. */
        NONE
    }

    /** Receives the results. */
    public interface Sink {
        /** @param time the grid time in nanoseconds since the epoch */
        void give(long time, double result);
    }

    /**
     * @param everyNanos the interval between grid times
     * @param maxGapNanos at most {@link #MOST_TIMES} times {@code everyNanos}
     */
    public Grid(long everyNanos, Method method, Fill fill, long maxGapNanos) {
        if (everyNanos < 1) {
            throw new IllegalArgumentException("everyNanos: " + everyNanos + " (expected: >= 1)");
        }
        if (maxGapNanos < 1 || maxGapNanos > (double) MOST_TIMES * everyNanos) {
            throw new IllegalArgumentException("maxGapNanos: " + maxGapNanos + " (expected: >= 1 and <= " + MOST_TIMES
                    + " x everyNanos, " + everyNanos + ")");
        }
        this.everyNanos = everyNanos;
        this.method = Objects.requireNonNull(method, "method");
        this.fill = Objects.requireNonNull(fill, "fill");
        this.maxGapNanos = maxGapNanos;
    }

    /**
     * Adds a point, and produces the results that it completes. Late points and duplicates change nothing.
     *
     * @param time in nanoseconds since the epoch
     */
    public Order take(GridSeries series, long time, double value, Sink sink) {
        Order order = series.order(time, value);
        if (order == Order.NEXT) {
            boolean follows = !series.isNew() && time >= series.lastTime() && series.elapsedNanos(time) <= maxGapNanos;
            if (follows) {
                follow(series, time, value, sink);
            } else {
                begin(series, time, value, sink);
            }
            series.moveTo(time, value);
        }
        return order;
    }

    private void begin(GridSeries series, long time, double value, Sink sink) {
        series.sum = 0;
        series.whole = Math.floorMod(time, everyNanos) == 0;
        if (series.whole && method == Method.VALUE) {
            sink.give(time, value);
        }
    }

    private void follow(GridSeries series, long time, double value, Sink sink) {
        long last = series.lastTime();
        long from = last;
        long firstIndex = Math.floorDiv(last, everyNanos) + 1;
        long lastIndex = Math.floorDiv(time, everyNanos);
        boolean hasPoint = Math.floorMod(last, everyNanos) != 0;
        for (long index = firstIndex; index <= lastIndex; index++) {
            long to = index * everyNanos;
            series.sum += part(series, time, value, from, to);
            if ((series.whole || method == Method.VALUE) && (fill != Fill.NONE || hasPoint || to == time)) {
                sink.give(to, result(series, time, value, to));
            }
            series.sum = 0;
            series.whole = true;
            hasPoint = false;
            from = to;
        }
        series.sum += part(series, time, value, from, time);
    }

    private double result(GridSeries series, long time, double value, long to) {
        return switch (method) {
            case VALUE -> valueAt(series, time, value, to);
            case MEAN -> series.sum / (everyNanos / 1e9);
            case INTEGRAL, INCREASE -> series.sum;
        };
    }

    /**
     * What the interval between two times contributes to the sum, computed from the last point, the new point and the
     * line between them.
     */
    private double part(GridSeries series, long time, double value, long from, long to) {
        return switch (method) {
            case VALUE -> 0;
            case MEAN, INTEGRAL -> {
                double seconds = (to - from) / 1e9;
                yield fill == Fill.LINEAR
                        ? seconds * (valueAt(series, time, value, from) + valueAt(series, time, value, to)) / 2
                        : seconds * series.lastValue();
            }
            case INCREASE -> increase(series.lastValue(), value) * share(series.lastTime(), time, from, to);
        };
    }

    private static double increase(double last, double value) {
        return value >= last ? value - last : Math.max(0, value);
    }

    /** The share of the increase between two points that belongs to the time between {@code from} and {@code to}. */
    private double share(long last, long time, long from, long to) {
        if (fill == Fill.LINEAR && last < time) {
            return (to - from) / (double) (time - last);
        }
        return to == time && (from < to || from == last) ? 1 : 0;
    }

    /** The value at a time between the last point and the one at {@code time}. */
    private double valueAt(GridSeries series, long time, double value, long at) {
        if (at == time) {
            return value;
        }
        double last = series.lastValue();
        if (fill != Fill.LINEAR || at == series.lastTime()) {
            return last;
        }
        return last + (value - last) * ((at - series.lastTime()) / (double) (time - series.lastTime()));
    }
}
