package org.kapacitorudf.functions.timeto;

import org.kapacitorudf.functions.series.Series;

/**
 * The state of {@link Trend} for one series: the means of its buckets since the last fall, and a line through them.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class FillSeries extends Series {
    /**
     * The mean value and the mean time of each complete bucket, in ring buffers; {@code next} is the position of the
     * next bucket.
     */
    double[] values = {};

    long[] times = {};
    short next;
    short count;

    /** The number of buckets that the line does not include yet. */
    byte unfitted;

    /** The open bucket: the mean of its points and the time of its first point. */
    double bucketValue;

    long bucketStart;
    double timeOffset;
    int points;

    /** The usual number of points in a bucket. */
    float pointsPerBucket;

    /** The mean distance between consecutive points, without outliers. */
    float noise;

    /**
     * The range of the buckets since the last fall, and the range between the last two falls; the larger range is used.
     */
    double high = Double.NEGATIVE_INFINITY;

    double low = Double.POSITIVE_INFINITY;
    float lastRange;

    /** The number of consecutive points far below the last buckets. */
    byte fallen;

    /**
     * The line: its value at {@link #lineTime}, and its slope per second, which is 0 unless the series rises
     * significantly.
     */
    double base;

    double slope;
    long lineTime;
}
