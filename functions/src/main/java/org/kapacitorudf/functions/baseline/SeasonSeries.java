package org.kapacitorudf.functions.baseline;

import org.kapacitorudf.functions.detect.Watched;

/**
 * What {@link SeasonBand} has learnt of one series.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class SeasonSeries extends Watched {
    static final int VISIT = 16;

    /** What is expected in each bucket, without the level; empty before the first point. */
    float[] centers = {};

    /** The mean distance from it. */
    float[] spreads = {};

    /** How much of each bucket has been seen, in sixteenths of a visit; stops at the highest byte. */
    byte[] seen = {};

    /** How far the whole series is above its seasons. */
    float level;

    /** The mean distance over all buckets, and how many visits it is of; stops growing at the memory. */
    float spread;

    float visits;

    /** The mean of all values, and the mean distance from it: the swing of the series. */
    float mean;

    float swing;

    /** What the band is wider by, on each side, because of past alerts: 1 for not at all. */
    float widerUp = 1;

    float widerDown = 1;

    /** The usual time between two points in seconds. */
    float interval;

    /** When the anomaly that lasts began, and when its last point was, in seconds since the epoch; 0 without one. */
    long unusualFrom;

    long unusualTo;
}
