package org.kapacitorudf.functions.forecast;

import org.kapacitorudf.functions.series.Series;

/**
 * What {@link Forecaster} has learnt of one series: the interval that is open, the components of each model, and the
 * band of each lead time.
 *
 * <p>The values of the models and of the bands are relative to {@link #origin}, so that a float is precise enough.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class ForecastSeries extends Series {
    /** The interval that is open: its number, and the mean of its points. */
    long open;

    double mean;
    int points;

    /** The distance of the intervals, and the number of the last one that was learnt. */
    long everyNanos;

    long last;

    /** The values of the first season, until it is complete; then empty. */
    double[] first = {};

    short filled;

    /** The usual value of the first season. */
    double origin;

    /**
     * The intervals since the first one, as far as they matter; those from which the last forecasts were made that
     * still count.
     */
    int age;

    int origins;

    /** Level and slope of each model. */
    double[] levels = {};

    double[] slopes = {};

    /** The seasons of all models, one after the other. */
    float[] seasons = {};

    float[] longSeasons = {};

    /**
     * What each model had learnt at each of the last intervals, as many as there are lead times: rings, one after the
     * other.
     */
    float[] pastLevels = {};

    float[] pastSlopes = {};
    float[] pastErrors = {};

    /** Which model the forecasts of each of the last intervals were of: a ring. */
    byte[] used = {};

    /** Of each model the mean product of two errors in a row, and the mean square of the first of them. */
    double[] products = {};

    double[] squares = {};

    /** The mean distance of the forecasts of each model from the values. */
    float[] losses = {};

    /** The usual distance of a value from what was expected of it one interval before; 0 while there was none. */
    double scale;

    /** How many values in a row were far above, or below if negative. */
    int far;

    /**
     * Of each lead time: the mean distance, the band in multiples of it, and the number of errors, as far as it
     * matters.
     */
    float[] spreads = {};

    float[] lower = {};
    float[] upper = {};
    int[] seen = {};
}
