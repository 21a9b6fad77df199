package org.kapacitorudf.forest;

import com.amazon.randomcutforest.RandomCutForest;
import com.amazon.randomcutforest.returntypes.DiVector;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of one group: its forest, the last points, and the last alert.
 *
 * <p>The snapshot does not contain the forest itself, but its state at an earlier time, {@code saved}, and the points
 * since then. A restored forest is created from these. Whenever {@code saved} is replaced, the running forest is also
 * created again from {@code saved}. A restored forest is therefore identical to one that kept running, and a point
 * needs no work for a snapshot.
 *
 * <pre>
 *   points     1 ... 64 ... 1024 ......... 1600
 *                            | saved       | snapshot: saved, and points 1025 to 1600
 * </pre>
 *
 * <p>The forest sees each field as its distance from a center, in units of its spread, so that no field outweighs the
 * others. Values are floats from the start, because the values in a snapshot are floats; distances are rounded to 1/256
 * of the spread, as in a saved forest.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
final class ForestSeries {
    /**
     * The maximum number of consecutive late points. The point after them is accepted, because the clock has probably
     * been set back.
     */
    static final int MOST_LATE = 20;

    /** The maximum distance of a value from the center for the forest, in units of the spread. */
    private static final double FARTHEST = 1e6;

    /** The forest starts again from the last points when the spread of a field has changed by more than this factor. */
    private static final double OTHER_SPREAD = 10;

    /** The lower bound of a field's spread, as a fraction of the magnitude of its values. */
    private static final double LEAST_SPREAD = 1e-6;

    private String shape = "";
    private long time = Long.MIN_VALUE;
    private long born = Long.MIN_VALUE;
    private byte late;

    /** The last points, one after the other; once the array is full, the oldest point is at {@code next}. */
    private float[] points = {};

    private int count;
    private int next;
    private double[] centers = {};
    private double[] spreads = {};
    private @Nullable SavedForest saved; // null until the forest has been saved
    private int sinceSaved;

    private long alertAt = Long.MIN_VALUE;
    private double alertScore;
    private boolean alerted;

    private transient @Nullable RandomCutForest forest; // null until there are enough points

    /** The position of a point relative to the previous points. */
    enum Order {
        NEXT,
        LATE,
        DUPLICATE
    }

    /** Discards the state if its shape is not the expected one. */
    void fit(Shape expected) {
        String key = expected.key();
        if (!shape.equals(key)) {
            shape = key;
            time = Long.MIN_VALUE;
            born = Long.MIN_VALUE;
            points = new float[expected.lastPoints() * expected.fields().size()];
            count = 0;
            next = 0;
            late = 0;
            alertScore = 0;
            alerted = false;
            uproot();
        } else if (forest == null && centers.length > 0) {
            grow(expected);
        } else if (forest == null && count >= expected.fewestPoints()) {
            begin(expected);
        }
    }

    /**
     * Upgrades a series that was saved by version 1, which did not round the numbers of a forest. The forest begins
     * again with the last points.
     */
    static void migrate(Map<String, Object> series) {
        List.of("centers", "spreads", "saved", "sinceSaved").forEach(series::remove);
    }

    private void uproot() {
        centers = new double[0];
        spreads = new double[0];
        saved = null;
        sinceSaved = 0;
        forest = null;
    }

    /**
     * Returns the position of a point relative to the previous points, and counts late points. Call this method once
     * for each point.
     */
    Order order(long nanos, float[] values) {
        if (nanos < time && late < MOST_LATE) {
            late++;
            return Order.LATE;
        }
        late = 0;
        return nanos == time && isLast(values) ? Order.DUPLICATE : Order.NEXT;
    }

    private boolean isLast(float[] values) {
        int width = values.length;
        int last = (next + points.length - width) % points.length;
        return Arrays.equals(points, last, last + width, values, 0, width);
    }

    /** Whether there is a score. */
    boolean isKnown() {
        return forest != null && forest.isOutputReady();
    }

    /**
     * Returns how unusual the values are according to the forest: about 1 for usual values, and 0 while
     * {@linkplain #isKnown nothing is known}.
     */
    double score(float[] values) {
        return forest == null ? 0 : forest.getAnomalyScore(scaled(values));
    }

    /** The index of the value that contributed most to the score. */
    int cause(float[] values) {
        DiVector shares = grown().getAnomalyAttribution(scaled(values));
        double[] sums = new double[values.length];
        for (int i = 0; i < shares.getDimensions(); i++) {
            sums[i % sums.length] += shares.getHighLowSum(i);
        }
        int most = 0;
        for (int i = 1; i < sums.length; i++) {
            most = sums[i] > sums[most] ? i : most;
        }
        return most;
    }

    /** Learns the next point. */
    void learn(Shape expected, long nanos, float[] values) {
        if (born == Long.MIN_VALUE || nanos < time) {
            born = nanos;
        }
        time = nanos;
        System.arraycopy(values, 0, points, next, values.length);
        next = (next + values.length) % points.length;
        count = Math.min(count + 1, expected.lastPoints());
        if (centers.length == 0) {
            if (count >= expected.fewestPoints()) {
                begin(expected);
            }
            return;
        }
        grown().update(scaled(values));
        sinceSaved++;
        if (sinceSaved == expected.lastPoints() && isOtherSpread(values.length)) {
            begin(expected);
        } else {
            save(expected);
        }
    }

    /** Starts a forest from the last points. */
    private void begin(Shape expected) {
        uproot();
        int width = expected.fields().size();
        centers = new double[width];
        spreads = new double[width];
        for (int field = 0; field < width; field++) {
            centers[field] = mean(field, width);
            spreads[field] = spread(field, width);
        }
        sinceSaved = count;
        grow(expected);
        save(expected);
    }

    private boolean isOtherSpread(int width) {
        for (int field = 0; field < width; field++) {
            double ratio = spread(field, width) / spreads[field];
            if (ratio > OTHER_SPREAD || ratio < 1 / OTHER_SPREAD) {
                return true;
            }
        }
        return false;
    }

    /** Replaces the saved forest when {@code points} is full of points that were added since it was saved. */
    private void save(Shape expected) {
        if (sinceSaved == expected.lastPoints()) {
            saved = SavedForest.of(grown());
            sinceSaved = 0;
            grow(expected);
        }
    }

    /** Creates the forest from the contents of the snapshot. */
    private void grow(Shape expected) {
        int width = expected.fields().size();
        RandomCutForest growing = saved == null ? expected.plant() : expected.replant(saved);
        for (int ago = sinceSaved; ago > 0; ago--) {
            int at = Math.floorMod(next - ago * width, points.length);
            growing.update(scaled(Arrays.copyOfRange(points, at, at + width)));
        }
        forest = growing;
    }

    private RandomCutForest grown() {
        return Objects.requireNonNull(forest);
    }

    private float[] scaled(float[] values) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < scaled.length; i++) {
            double distance = (values[i] - centers[i]) / spreads[i];
            scaled[i] = Planes.rounded(Math.max(-FARTHEST, Math.min(FARTHEST, distance)));
        }
        return scaled;
    }

    private double mean(int field, int width) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) points[i * width + field] / count;
        }
        return sum;
    }

    private double spread(int field, int width) {
        double mean = mean(field, width);
        double size = Math.abs(mean);
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double value = points[i * width + field];
            squares += (value - mean) * (value - mean) / count;
            size = Math.max(size, Math.abs(value));
        }
        return Math.max(Math.sqrt(squares), size == 0 ? 1 : LEAST_SPREAD * size);
    }

    /** How long the group has been observed, in nanoseconds. */
    long ageNanos(long nanos) {
        return born == Long.MIN_VALUE ? 0 : nanos - born;
    }

    /** The score of the last alert; 0 before the first. */
    double alertScore() {
        return alertScore;
    }

    /** The time from the last alert, in nanoseconds. */
    long nanosFromAlert(long nanos) {
        return alertScore == 0 ? Long.MAX_VALUE : Math.abs(nanos - alertAt);
    }

    /** Whether the last point caused an alert. */
    boolean hasAlerted() {
        return alerted;
    }

    /** Records the result for a point. */
    void judged(long nanos, boolean alerts, double score) {
        alerted = alerts;
        if (alerts) {
            alertAt = nanos;
            alertScore = score;
        }
    }
}
