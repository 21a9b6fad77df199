package org.kapacitorudf.functions.deviation;

import org.kapacitorudf.functions.detect.Watched;

/**
 * The state of {@link RecordBand} for one series: the lowest and the highest values of three statistics, in the current
 * span of time and in the previous one.
 *
 * <pre>
 *   spans of time   | old          | now ...       a new span begins: now becomes old, old is forgotten
 *   remembered      |--------------|---->
 * </pre>
 *
 * <p>The values are separate float fields, because 12 of them take less memory than any object that could hold them.
 * Limits are rounded outward, so a value that was learnt is never outside.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class RecordSeries extends Watched {
    /** A statistic whose lowest and highest values are remembered. */
    enum Statistic {
        VALUE,
        LEVEL,
        CHANGE
    }

    private static final float NONE_LOW = Float.POSITIVE_INFINITY;
    private static final float NONE_HIGH = Float.NEGATIVE_INFINITY;

    /** The exponentially weighted mean of the values since the last gap. */
    float level;

    /** The number of points since the last gap; saturates. */
    byte sinceGap;

    /** The number of all points; saturates. */
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

    /** The lowest remembered value; infinity if there is none. */
    double low(Statistic statistic) {
        return switch (statistic) {
            case VALUE -> lower(valueLow, valueOldLow);
            case LEVEL -> lower(levelLow, levelOldLow);
            case CHANGE -> lower(changeLow, changeOldLow);
        };
    }

    /** The highest remembered value; negative infinity if there is none. */
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

    /** Begins a new span of time. */
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

    /** Like {@link Math#min}, but faster, because NaN and -0.0 do not occur here. Called a dozen times per point. */
    private static float lower(float one, float other) {
        return one < other ? one : other;
    }

    private static float higher(float one, float other) {
        return one > other ? one : other;
    }
}
