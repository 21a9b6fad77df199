package org.kapacitorudf.functions.resample;

import org.kapacitorudf.functions.series.Series;

/**
 * The state of {@link Grid} for one series: the last point, and the incomplete interval.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class GridSeries extends Series {
    /** The size, in bytes, of a series in an uncompressed snapshot. */
    public static final long SNAPSHOT_BYTES = 82;

    /** The integral or the increase from the start of the interval to the last point. */
    double sum;

    /** Whether the interval is known from its start. */
    boolean whole;
}
