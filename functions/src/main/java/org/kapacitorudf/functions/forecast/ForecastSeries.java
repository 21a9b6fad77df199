package org.kapacitorudf.functions.forecast;

import org.kapacitorudf.functions.series.Series;

/**
 * The state of {@link Forecaster} for one series: the open interval, the components of each model, and the band of each
 * lead time.
 *
 * <p>The values of the models and of the bands are relative to {@link #origin}, so that a float is precise enough.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class ForecastSeries extends Series {
    /** The open interval: its number, and the mean of its points. */
    long open;

    double mean;
    int points;

    /** The length of the intervals, and the number of the last interval that was learnt. */
    long everyNanos;

    long last;

    /** The values of the first season until the season is complete; empty after that. */
    double[] first = {};

    short filled;

    /** The median of the values of the first season. */
    double origin;

    /**
     * The number of intervals since the first one, and the number of recent intervals whose forecasts are compared with
     * values. The second number starts again at a shift. Both are capped.
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
     * The state of each model after each of the last intervals, one for each lead time: ring buffers, one after the
     * other.
     */
    float[] pastLevels = {};

    float[] pastSlopes = {};
    float[] pastErrors = {};

    /** The model used for the forecasts of each of the last intervals: a ring buffer. */
    byte[] used = {};

    /** For each model, the mean product of two consecutive errors, and the mean square of the earlier error. */
    double[] products = {};

    double[] squares = {};

    /** The mean distance between the forecasts of each model and the values. */
    float[] losses = {};

    /**
     * The usual distance of a value from the forecast that was made one interval earlier; 0 if there is none, or only a
     * rounding error.
     */
    double scale;

    /** The number of consecutive values that were far above the forecast; negative if they were far below. */
    int far;

    /** For each lead time: the mean distance, the band in multiples of it, and the number of errors (capped). */
    float[] spreads = {};

    float[] lower = {};
    float[] upper = {};
    int[] seen = {};
}
