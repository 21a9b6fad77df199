package org.kapacitorudf.functions.timeto;

/**
 * Predicts when a rising series reaches a threshold, with a line through the means of the last buckets. It uses the
 * method of Theil and Sen (1968): the slope is the median of the slopes between all pairs of buckets.
 *
 * <pre>
 *   window   | bucket | bucket | bucket | ...... | bucket | this one
 *   line         *        *        *                 *
 * </pre>
 *
 * <p>There is a line only if the rise passes two tests: nearly all pairs rise (Mann 1945), and the rise is at least
 * {@link #CERTAIN} times its standard error, which is estimated from the differences between consecutive points.
 *
 * <p>After a fall (two consecutive points that are below the last buckets by more than a share of the range), the
 * series starts again.
 *
 * <p>Threading: one thread at a time, because it has working memory.
 */
public final class Trend {
    /** The minimum number of buckets for a line. */
    static final int FEWEST_BUCKETS = 6;

    /** The minimum rise in standard errors. */
    static final double CERTAIN = 5;

    private static final double RISING_PAIRS_DEVIATIONS = 4.5;
    private static final double RISING_PAIRS_SHARE = 0.95;

    /** The minimum size of a fall, as a multiple of the mean distance between points. */
    private static final double FALL_NOISE = 6;

    /** Converts the mean distance between two points of Gaussian noise to the standard deviation of the noise. */
    private static final double SIGMA = Math.sqrt(Math.PI) / 2;

    private static final double NOISE_WEIGHT = 0.05;

    /** When the noise is learnt, the distance between two points is limited to this multiple of the usual distance. */
    private static final double MOST_NOISE = 5;

    private static final double RATE_WEIGHT = 0.2;

    /** The line is computed again when at least one in this many buckets is new. */
    private static final int REFIT = 20;

    /**
     * The number of sampled slopes, and the distance from the median of the sample within which the median of all
     * slopes is expected: 2.5 standard deviations of the median's rank.
     */
    private static final int SAMPLE = 61;

    private static final int SAMPLE_REACH = 10;

    private final double threshold;
    private final int buckets;
    private final long bucketNanos;
    private final double fall;
    private final double horizonSeconds;

    private final double[] values;
    private final double[] seconds;
    private final double[] slopes;
    private final double[] near;

    /**
     * @param windowNanos the length of the window of the line
     * @param buckets the number of buckets of the window
     * @param fall the share of the range by which the value must drop for a fall
     * @param horizonSeconds the maximum of a prediction
     */
    public Trend(double threshold, long windowNanos, int buckets, double fall, double horizonSeconds) {
        this.threshold = threshold;
        this.buckets = buckets;
        this.bucketNanos = Math.max(1, windowNanos / buckets);
        this.fall = fall;
        this.horizonSeconds = horizonSeconds;
        this.values = new double[buckets];
        this.seconds = new double[buckets];
        this.slopes = new double[buckets * (buckets - 1) / 2];
        this.near = new double[slopes.length + 1];
    }

    /** Returns the maximum size, in bytes, of a series in an uncompressed snapshot. */
    public long snapshotBytes() {
        return 300 + 18L * buckets;
    }

    /**
     * The number of seconds from the given time until the threshold is reached: 0 if it has been reached; the horizon
     * if it will be reached later than that, or if the series does not rise.
     */
    public double secondsFrom(FillSeries series, long time, double value) {
        if (value >= threshold) {
            return 0;
        }
        if (!isRising(series)) {
            return horizonSeconds;
        }
        double since = (time - series.lineTime) / 1e9;
        double seconds = (threshold - series.base) / series.slope - since;
        if (seconds <= 0) {
            // The line is above the value, for example because the series did not rise during a gap.
            seconds = (threshold - value) / series.slope;
        }
        return Math.min(horizonSeconds, seconds);
    }

    /** Whether the series rises significantly. */
    public boolean isRising(FillSeries series) {
        return series.slope > 0;
    }

    /** The slope per second; 0 unless the series rises significantly. */
    public double slope(FillSeries series) {
        return series.slope;
    }

    /** Learns from a point. Call this method before moving the series to the point. */
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
        dropOld(series, time);
        if (isFall(series, value)) {
            series.fallen++;
            if (series.fallen < 2) {
                return;
            }
            series.lastRange = (float) Math.max(0, series.high - series.low);
            begin(series);
        }
        series.fallen = 0;
        if (series.points > 0 && Math.floorDiv(time, bucketNanos) != Math.floorDiv(series.bucketStart, bucketNanos)) {
            close(series, time);
        }
        add(series, time, value);
    }

    private static void begin(FillSeries series) {
        series.next = 0;
        series.count = 0;
        series.points = 0;
        series.unfitted = 0;
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

    private static void add(FillSeries series, long time, double value) {
        if (series.points == 0) {
            series.bucketStart = time;
            series.bucketValue = 0;
            series.timeOffset = 0;
        }
        series.points++;
        series.bucketValue += (value - series.bucketValue) / series.points;
        series.timeOffset += (time - series.bucketStart - series.timeOffset) / series.points;
    }

    /** Closes a complete bucket. */
    private void close(FillSeries series, long now) {
        series.values[series.next] = series.bucketValue;
        series.times[series.next] = series.bucketStart + (long) series.timeOffset;
        series.next = (short) ((series.next + 1) % buckets);
        series.count = (short) Math.min(series.count + 1, buckets);
        extendRange(series, series.bucketValue);
        series.pointsPerBucket += series.pointsPerBucket == 0
                ? series.points
                : (float) (RATE_WEIGHT * (series.points - series.pointsPerBucket));
        series.points = 0;
        dropOld(series, now);
        series.unfitted++;
        if (series.unfitted * REFIT >= series.count) {
            series.unfitted = 0;
            fit(series);
        }
    }

    /** One bucket extends the range by at most its width on each side, so an absurd value does not hide all falls. */
    private static void extendRange(FillSeries series, double value) {
        double bounded = value;
        if (series.low <= series.high) {
            double range = Math.max(series.high - series.low, series.lastRange);
            double reach = range > 0 ? range : Math.abs(series.low);
            if (reach > 0) {
                bounded = Math.max(series.low - reach, Math.min(series.high + reach, value));
            }
        }
        series.high = Math.max(series.high, bounded);
        series.low = Math.min(series.low, bounded);
    }

    /** Drops buckets that are older than the window. */
    private void dropOld(FillSeries series, long now) {
        while (series.count > 0 && now - series.times[index(series, 0)] > (buckets + 1) * bucketNanos) {
            series.count--;
        }
    }

    private void fit(FillSeries series) {
        series.slope = 0;
        int count = series.count;
        if (count < FEWEST_BUCKETS) {
            return;
        }
        long newest = newestTime(series);
        for (int i = 0; i < count; i++) {
            int at = index(series, i);
            values[i] = series.values[at];
            seconds[i] = (series.times[at] - newest) / 1e9;
        }
        int pairs = 0;
        int rising = 0;
        for (int i = 1; i < count; i++) {
            for (int j = 0; j < i; j++) {
                double rise = values[i] - values[j];
                slopes[pairs++] = rise / (seconds[i] - seconds[j]);
                rising += (rise > 0 ? 1 : 0) - (rise < 0 ? 1 : 0);
            }
        }
        if (!isCertain(count, pairs, rising)) {
            return;
        }
        double slope = medianSlope(pairs);
        if (-slope * seconds[0] >= CERTAIN * errorOfRise(series)) {
            for (int i = 0; i < count; i++) {
                slopes[i] = values[i] - slope * seconds[i];
            }
            series.base = median(slopes, count);
            series.slope = slope;
            series.lineTime = newest;
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

    /**
     * The median of the first {@code length} numbers in {@link #slopes}. If there are many, a sample gives two values
     * between which the median most probably lies, and the median is selected from the slopes between them (Floyd,
     * Rivest 1975). The result is the same in any case.
     */
    private double medianSlope(int length) {
        if (length < 4 * SAMPLE) {
            return median(slopes, length);
        }
        for (int i = 0; i < SAMPLE; i++) {
            near[i] = slopes[(int) ((long) i * length / SAMPLE)];
        }
        double high = select(near, SAMPLE, SAMPLE / 2 + SAMPLE_REACH);
        double low = select(near, SAMPLE, SAMPLE / 2 - SAMPLE_REACH);
        int below = 0;
        int inside = 0;
        for (int i = 0; i < length; i++) {
            double slope = slopes[i];
            below += slope < low ? 1 : 0;
            near[inside] = slope;
            inside += slope >= low & slope <= high ? 1 : 0;
        }
        int rank = length / 2 - below;
        boolean hasBoth = rank >= (length % 2 == 0 ? 1 : 0) && rank < inside;
        return hasBoth ? middle(near, inside, rank, length) : median(slopes, length);
    }

    /** The median of the first {@code length} numbers. Reorders these numbers. */
    private static double median(double[] numbers, int length) {
        return middle(numbers, length, length / 2, length);
    }

    /**
     * The median of {@code of} numbers, of which the array may contain only a part. {@code rank} is the rank of the
     * median in the array. If {@code of} is even, returns the mean of the number with this rank and the number before
     * it.
     */
    private static double middle(double[] numbers, int length, int rank, int of) {
        double upper = select(numbers, length, rank);
        if (of % 2 == 1) {
            return upper;
        }
        double lower = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < rank; i++) {
            lower = Math.max(lower, numbers[i]);
        }
        return (lower + upper) / 2;
    }

    /** The number with this rank, from 0. Afterwards, all numbers with a lower rank precede it (Hoare 1961). */
    private static double select(double[] numbers, int length, int rank) {
        int from = 0;
        int to = length - 1;
        while (from < to) {
            double pivot = numbers[(from + to) >>> 1];
            int low = from;
            int high = to;
            while (low <= high) {
                while (numbers[low] < pivot) {
                    low++;
                }
                while (numbers[high] > pivot) {
                    high--;
                }
                if (low <= high) {
                    double swapped = numbers[low];
                    numbers[low++] = numbers[high];
                    numbers[high--] = swapped;
                }
            }
            if (rank <= high) {
                to = high;
            } else if (rank >= low) {
                from = low;
            } else {
                return numbers[rank];
            }
        }
        return numbers[rank];
    }

    private static long newestTime(FillSeries series) {
        return series.times[index(series, series.count - 1)];
    }

    /** The index of the i-th oldest bucket. */
    private static int index(FillSeries series, int i) {
        int length = series.values.length;
        return (series.next - series.count + i + length) % length;
    }
}
