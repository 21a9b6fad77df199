package org.kapacitorudf.functions.deviation;

import org.kapacitorudf.functions.detect.Watched;

/**
 * What {@link RecordBand} has learnt of one series: the lowest and the highest of three statistics, in the current span of time and in the one before.
 *
 * <pre>
 *   spans of time   | old          | now ...       a new span begins: now becomes old, and what was old is forgotten
 *   remembered      |--------------|---->
 * </pre>
 *
 * <p>They are single floats because 12 of them take less room than anything with objects in it. A limit is rounded outward: a value that was learnt is never beyond
 * it.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class RecordSeries extends Watched {
    /** The statistics. */
    enum Statistic {
        VALUE,
        LEVEL,
        CHANGE
    }

    private static final float NONE_LOW = Float.POSITIVE_INFINITY;
    private static final float NONE_HIGH = Float.NEGATIVE_INFINITY;

    /** The exponentially weighted mean of the values since the last gap. */
    float level;

    /** Points since the last gap; stops at the highest byte. */
    byte sinceGap;

    /** Points in all; stops at the highest byte. */
    byte points;

    private float valueLow = NONE_LOW;
    private float valueHigh = NONE_HIGH;
    private float valueOldLow = NONE_LOW;
    private float valueOldHigh = NONE_HIGH;
    private float levelLow = NONE_LOW;
    private float levelHigh = NONE_HIGH;
    private float levelOldLow = NONE_LOW;
    private float levelOldHigh = NONE_HIGH;
    private float changeLow = NONE_LOW;
    private float changeHigh = NONE_HIGH;
    private float changeOldLow = NONE_LOW;
    private float changeOldHigh = NONE_HIGH;

    /** The lowest that is remembered, infinity if nothing is. */
    double low(Statistic statistic) {
        return switch (statistic) {
            case VALUE -> lower(valueLow, valueOldLow);
            case LEVEL -> lower(levelLow, levelOldLow);
            case CHANGE -> lower(changeLow, changeOldLow);
        };
    }

    /** The highest that is remembered, negative infinity if nothing is. */
    double high(Statistic statistic) {
        return switch (statistic) {
            case VALUE -> higher(valueHigh, valueOldHigh);
            case LEVEL -> higher(levelHigh, levelOldHigh);
            case CHANGE -> higher(changeHigh, changeOldHigh);
        };
    }

    void add(Statistic statistic, double number) {
        float nearest = (float) number;
        float low = nearest <= number ? nearest : Math.nextDown(nearest);
        float high = nearest >= number ? nearest : Math.nextUp(nearest);
        switch (statistic) {
            case VALUE -> {
                valueLow = lower(valueLow, low);
                valueHigh = higher(valueHigh, high);
            }
            case LEVEL -> {
                levelLow = lower(levelLow, low);
                levelHigh = higher(levelHigh, high);
            }
            case CHANGE -> {
                changeLow = lower(changeLow, low);
                changeHigh = higher(changeHigh, high);
            }
        }
    }

    /** A new span of time begins. */
    void beginSpan() {
        valueOldLow = valueLow;
        valueOldHigh = valueHigh;
        valueLow = NONE_LOW;
        valueHigh = NONE_HIGH;
        levelOldLow = levelLow;
        levelOldHigh = levelHigh;
        levelLow = NONE_LOW;
        levelHigh = NONE_HIGH;
        changeOldLow = changeLow;
        changeOldHigh = changeHigh;
        changeLow = NONE_LOW;
        changeHigh = NONE_HIGH;
    }

    /** Without the cases of {@link Math#min} that do not occur here, NaN and -0.0: it is called a dozen times a point. */
    private static float lower(float one, float other) {
        return one < other ? one : other;
    }

    private static float higher(float one, float other) {
        return one > other ? one : other;
    }
}
