package org.kapacitorudf.functions.changepoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.functions.detect.Watched;

/**
 * The state of {@link Cusum} for one series since its last shift, and the sums that detect the next one.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class RegimeSeries extends Watched {
    /** The mean of the values. */
    double level;

    /** The standard deviation of the values. */
    float deviation;

    /** The correlation of a value with the previous one. */
    float lag;

    /** Mean and standard deviation of the square root of the distance of a value from its prediction. */
    float rootMean;

    float rootDeviation;

    /** The cumulative sums, in standard deviations. */
    float levelUp;

    float levelDown;
    float spreadUp;
    float spreadDown;

    /**
     * The number of values on which the estimates are based, at most {@link Cusum#MOST_POINTS}; 0 while the first
     * values are collected.
     */
    short points;

    /**
     * The values that are being gathered: the first values of a series, or those after a sum has reached the threshold.
     * Null if no values are being gathered.
     */
    @Nullable
    Gathered gathered;

    /** Moves the gathered values of a series that was saved by version 1 into an object of their own. */
    public static void migrate(Map<String, Object> series) {
        Map<String, Object> gathered = new HashMap<>();
        gathered.put("values", series.remove("gathered"));
        gathered.put("shift", series.remove("candidate"));
        for (String name : List.of("count", "above", "below", "spreadSum")) {
            gathered.put(name, series.remove(name));
        }
        if (gathered.get("values") instanceof List<?> values && !values.isEmpty()) {
            series.put("gathered", gathered);
        }
    }

    /** The shift that the gathered values must confirm. */
    Shift candidate() {
        return gathered == null ? Shift.NONE : gathered.shift();
    }

    /** Resets the sums to 0. */
    void resetSums() {
        levelUp = 0;
        levelDown = 0;
        spreadUp = 0;
        spreadDown = 0;
    }
}
