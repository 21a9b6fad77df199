package org.kapacitorudf.functions.baseline;

import org.kapacitorudf.functions.detect.Watched;

/**
 * The state of {@link SeasonBand} for one series.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class SeasonSeries extends Watched {
    static final int VISIT = 16;

    /** The expected value of each bucket, relative to the level; empty before the first point. */
    float[] centers = {};

    /** The mean distance from the expected value. */
    float[] spreads = {};

    /** The number of visits to each bucket, in sixteenths of a visit, up to a maximum. */
    byte[] seen = {};

    /** The current offset of all values from the usual values of their buckets. */
    float level;

    /** The mean distance over all buckets, and the number of visits on which it is based, limited by {@code memory}. */
    float spread;

    float visits;

    /** The mean of all values. The mean distance of the values from this mean is the swing of the series. */
    float mean;

    float swing;

    /** The factor by which past alerts have widened the band, on each side; 1 for none. */
    float widerUp = 1;

    float widerDown = 1;

    /** The usual time between two points in seconds. */
    float interval;

    /**
     * The beginning of the current anomaly and its latest point, in seconds since the epoch; 0 if there is no anomaly.
     */
    long unusualFrom;

    long unusualTo;
}
