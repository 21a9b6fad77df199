package org.kapacitorudf.functions.detect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is remembered of a series while it warms up, and from an alert until its quiet time is over. At other times,
 * which is most of the time, a series has no such object.
 *
 * <p>Times are seconds since the epoch in 32 bits, which wrap around: only differences are used.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Alerts {
    /** The age of a series that has warmed up; longer than any warm-up period. */
    private static final int LONG_AGO = 1 << 30;

    private int born;
    private int alertAt;
    private float alertScore;
    private byte anomaly;

    /** Starts observing a series at the given time in nanoseconds since the epoch. */
    public static Alerts bornAt(long time) {
        Alerts alerts = new Alerts();
        alerts.born = seconds(time);
        return alerts;
    }

    /** Creates an instance for a series that has already warmed up. */
    static Alerts ofOld(long time) {
        Alerts alerts = new Alerts();
        alerts.born = seconds(time) - LONG_AGO;
        return alerts;
    }

    /** Moves the fields of a series that was saved by version 1 into an object of this class. */
    public static void migrate(Map<String, Object> series) {
        Map<String, Object> alerts = new HashMap<>();
        for (String name : List.of("born", "alertAt", "alertScore", "anomaly")) {
            Object value = series.remove(name);
            if (value != null) {
                alerts.put(name, value);
            }
        }
        series.put("alerts", alerts);
    }

    void born(long time) {
        born = seconds(time);
    }

    /** How long the series has been observed, in seconds. */
    long ageSeconds(long time) {
        return seconds(time) - born;
    }

    int anomaly() {
        return anomaly;
    }

    void setAnomaly(int anomaly) {
        this.anomaly = (byte) anomaly;
    }

    void alerted(long time, double score) {
        alertAt = seconds(time);
        alertScore = (float) score;
    }

    /** The absolute score of the last alert; 0 before the first. */
    double alertScore() {
        return alertScore;
    }

    /** The absolute difference, in seconds, between the given time and the time of the last alert. */
    long secondsFromAlert(long time) {
        return Math.abs((long) (seconds(time) - alertAt));
    }

    /** Whether this object is no longer needed: there is no anomaly, and the warm-up and the quiet time are over. */
    boolean isOver(long time, long warmUpSeconds, long quietSeconds) {
        return anomaly == 0
                && ageSeconds(time) >= warmUpSeconds
                && (alertScore == 0 || secondsFromAlert(time) >= quietSeconds);
    }

    private static int seconds(long time) {
        return (int) Math.floorDiv(time, 1_000_000_000L);
    }
}
