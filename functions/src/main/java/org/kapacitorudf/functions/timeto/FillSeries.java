package org.kapacitorudf.functions.timeto;

import org.kapacitorudf.functions.series.Series;

/**
 * What {@link Trend} has learnt of one series: the means of its buckets since the last fall, and a line through them.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class FillSeries extends Series {
    /** The mean value and the mean time of each complete bucket: a ring, {@code next} is where the next one goes. */
    double[] values = {};

    long[] times = {};
    short next;
    short count;

    /** The bucket that is being filled: its number, and what its points are on average. */
    long bucket;

    double bucketValue;
    long bucketStart;
    double timeOffset;
    int points;

    /** Points in a usual bucket. */
    float pointsPerBucket;

    /** The mean distance between a point and the next, without outliers. */
    float noise;

    /** The range of the values since the last fall, or between the two falls before if that is more. */
    double high = Double.NEGATIVE_INFINITY;

    double low = Double.POSITIVE_INFINITY;
    float lastRange;

    /** Points in a row that were far below the last buckets. */
    byte fallen;

    /** The line: its value at the time of the newest bucket, and what it rises in a second; 0 while it does not rise for sure. */
    double base;

    double slope;
}
