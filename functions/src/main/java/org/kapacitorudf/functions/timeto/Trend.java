package org.kapacitorudf.functions.timeto;

/**
 * When a series that rises reaches a threshold: a line through the means of the last buckets, by the method of Theil and Sen (1968), whose slope is the median of
 * the slopes between all pairs.
 *
 * <pre>
 *   window   | bucket | bucket | bucket | ...... | bucket | this one
 *   line         *        *        *                 *
 * </pre>
 *
 * <p>There is a line only if the rise is certain by two tests: nearly all pairs rise (Mann 1945), and the rise is {@link #CERTAIN} times its standard error, by the
 * distance between points that follow each other.
 *
 * <p>After a fall, two points in a row that are below the last buckets by a share of the range, the series begins again.
 *
 * <p>Threading: one thread at a time; it has room to compute in.
 */
public final class Trend {
    /** Buckets before there may be a line. */
    static final int FEWEST_BUCKETS = 6;

    /** How many standard errors a rise has to be. */
    static final double CERTAIN = 5;

    private static final double RISING_PAIRS_DEVIATIONS = 4.5;
    private static final double RISING_PAIRS_SHARE = 0.95;

    /** A fall is at least as large as this many mean distances between points. */
    private static final double FALL_NOISE = 6;

    /** From the mean distance of two points to the standard deviation of Gaussian noise. */
    private static final double SIGMA = Math.sqrt(Math.PI) / 2;

    private static final double NOISE_WEIGHT = 0.05;

    /** A distance counts for at most this many usual ones. */
    private static final double MOST_NOISE = 5;

    private static final double RATE_WEIGHT = 0.2;

    private final double threshold;
    private final int buckets;
    private final long bucketNanos;
    private final double fall;
    private final double horizonSeconds;
    private final double[] scratch;

    /**
     * A trend with these options.
     *
     * @param windowNanos how far back the line reaches
     * @param buckets into how many pieces the window is cut
     * @param fall the share of the range that is a fall
     * @param horizonSeconds later than that is never
     */
    public Trend(double threshold, long windowNanos, int buckets, double fall, double horizonSeconds) {
        this.threshold = threshold;
        this.buckets = buckets;
        this.bucketNanos = Math.max(1, windowNanos / buckets);
        this.fall = fall;
        this.horizonSeconds = horizonSeconds;
        this.scratch = new double[buckets * (buckets - 1) / 2];
    }

    /** The number of seconds from this time until the threshold is reached: 0 if it is, the horizon if that is not in sight. */
    public double secondsFrom(FillSeries series, long time, double value) {
        if (value >= threshold) {
            return 0;
        }
        if (!isRising(series)) {
            return horizonSeconds;
        }
        double since = (time - newestTime(series)) / 1e9;
        double seconds = (threshold - series.base) / series.slope - since;
        return Math.max(0, Math.min(horizonSeconds, seconds));
    }

    /** Whether the series rises for sure. */
    public boolean isRising(FillSeries series) {
        return series.slope > 0;
    }

    /** What the series rises in a second; 0 unless it rises for sure. */
    public double slope(FillSeries series) {
        return series.slope;
    }

    /** Learns from a point. {@code series} has not been moved to it yet. */
    public void learn(FillSeries series, long time, double value) {
        if (series.values.length != buckets) {
            begin(series);
            series.values = new double[buckets];
            series.times = new long[buckets];
        }
        if (!series.isNew()) {
            if (time < series.lastTime()) {
                begin(series);
            }
            learnNoise(series, Math.abs(value - series.lastValue()));
        }
        if (isFall(series, value)) {
            series.fallen++;
            if (series.fallen < 2) {
                return;
            }
            series.lastRange = (float) Math.max(0, series.high - series.low);
            begin(series);
        }
        series.fallen = 0;
        long bucket = Math.floorDiv(time, bucketNanos);
        if (series.points > 0 && bucket != series.bucket) {
            close(series, time);
        }
        add(series, bucket, time, value);
    }

    private static void begin(FillSeries series) {
        series.next = 0;
        series.count = 0;
        series.points = 0;
        series.fallen = 0;
        series.high = Double.NEGATIVE_INFINITY;
        series.low = Double.POSITIVE_INFINITY;
        series.slope = 0;
        series.base = 0;
    }

    private static void learnNoise(FillSeries series, double distance) {
        if (series.noise == 0) {
            series.noise = (float) distance;
        } else {
            double bounded = Math.min(distance, MOST_NOISE * series.noise);
            series.noise += (float) (NOISE_WEIGHT * (bounded - series.noise));
        }
    }

    private boolean isFall(FillSeries series, double value) {
        if (series.count == 0) {
            return false;
        }
        double before = series.values[index(series, series.count - 1)];
        if (series.count > 1) {
            before = Math.min(before, series.values[index(series, series.count - 2)]);
        }
        double range = Math.max(series.high - series.low, series.lastRange);
        return value < before - Math.max(fall * range, FALL_NOISE * series.noise);
    }

    private static void add(FillSeries series, long bucket, long time, double value) {
        if (series.points == 0) {
            series.bucket = bucket;
            series.bucketStart = time;
            series.bucketValue = 0;
            series.timeOffset = 0;
        }
        series.points++;
        series.bucketValue += (value - series.bucketValue) / series.points;
        series.timeOffset += (time - series.bucketStart - series.timeOffset) / series.points;
    }

    /** The bucket is complete. */
    private void close(FillSeries series, long now) {
        series.values[series.next] = series.bucketValue;
        series.times[series.next] = series.bucketStart + (long) series.timeOffset;
        series.next = (short) ((series.next + 1) % buckets);
        series.count = (short) Math.min(series.count + 1, buckets);
        series.high = Math.max(series.high, series.bucketValue);
        series.low = Math.min(series.low, series.bucketValue);
        series.pointsPerBucket += series.pointsPerBucket == 0
                ? series.points
                : (float) (RATE_WEIGHT * (series.points - series.pointsPerBucket));
        series.points = 0;
        while (series.count > 0 && now - series.times[index(series, 0)] > (buckets + 1) * bucketNanos) {
            series.count--;
        }
        fit(series);
    }

    private void fit(FillSeries series) {
        series.slope = 0;
        int count = series.count;
        if (count < FEWEST_BUCKETS) {
            return;
        }
        long newest = newestTime(series);
        int pairs = 0;
        int rising = 0;
        for (int i = 1; i < count; i++) {
            int at = index(series, i);
            for (int j = 0; j < i; j++) {
                int before = index(series, j);
                double rise = series.values[at] - series.values[before];
                scratch[pairs++] = rise / ((series.times[at] - series.times[before]) / 1e9);
                rising += rise > 0 ? 1 : rise < 0 ? -1 : 0;
            }
        }
        if (!isCertain(count, pairs, rising)) {
            return;
        }
        double slope = median(pairs);
        double seconds = (newest - series.times[index(series, 0)]) / 1e9;
        if (slope * seconds >= CERTAIN * errorOfRise(series)) {
            for (int i = 0; i < count; i++) {
                int at = index(series, i);
                scratch[i] = series.values[at] + slope * ((newest - series.times[at]) / 1e9);
            }
            series.base = median(count);
            series.slope = slope;
        }
    }

    private static boolean isCertain(int count, int pairs, int rising) {
        double deviation = Math.sqrt(count * (count - 1.0) * (2.0 * count + 5) / 18);
        return rising >= Math.min(RISING_PAIRS_DEVIATIONS * deviation, RISING_PAIRS_SHARE * pairs);
    }

    /** The standard error of the rise of a line through all points of the buckets. */
    private static double errorOfRise(FillSeries series) {
        return SIGMA * series.noise * Math.sqrt(12 / (series.count * (double) Math.max(1, series.pointsPerBucket)));
    }

    /** The median of the first numbers in {@link #scratch}, which it reorders. */
    private double median(int length) {
        double upper = select(length, length / 2);
        if (length % 2 == 1) {
            return upper;
        }
        double lower = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length / 2; i++) {
            lower = Math.max(lower, scratch[i]);
        }
        return (lower + upper) / 2;
    }

    /** The number with this rank, from 0; those with a lower rank are before it afterwards (Hoare 1961). */
    private double select(int length, int rank) {
        int from = 0;
        int to = length - 1;
        while (from < to) {
            double pivot = scratch[(from + to) >>> 1];
            int low = from;
            int high = to;
            while (low <= high) {
                while (scratch[low] < pivot) {
                    low++;
                }
                while (scratch[high] > pivot) {
                    high--;
                }
                if (low <= high) {
                    double swapped = scratch[low];
                    scratch[low++] = scratch[high];
                    scratch[high--] = swapped;
                }
            }
            if (rank <= high) {
                to = high;
            } else if (rank >= low) {
                from = low;
            } else {
                return scratch[rank];
            }
        }
        return scratch[rank];
    }

    private static long newestTime(FillSeries series) {
        return series.times[index(series, series.count - 1)];
    }

    /** Where the i-th oldest bucket is. */
    private static int index(FillSeries series, int i) {
        int length = series.values.length;
        return (series.next - series.count + i + length) % length;
    }
}
