package org.kapacitorudf.functions.detect;

import org.jspecify.annotations.Nullable;
import org.kapacitorudf.functions.series.Series;

/**
 * Base class of the state of one series of a detector.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public abstract class Watched extends Series {
    private @Nullable Alerts alerts;

    /** The warm-up and the last alert. Null if they are no longer needed, or before the first point. */
    protected final @Nullable Alerts alerts() {
        return alerts;
    }

    protected final void setAlerts(@Nullable Alerts alerts) {
        this.alerts = alerts;
    }

    /** Records that a point has been learnt. */
    final void learnt(long time, double value) {
        if (isNew() || time < lastTime()) {
            known(time).born(time);
        }
        moveTo(time, value);
    }

    /** How long the series has been observed, in seconds. */
    final long ageSeconds(long time) {
        if (isNew()) {
            return 0;
        }
        return alerts == null ? Long.MAX_VALUE : alerts.ageSeconds(time);
    }

    /** The anomaly value of the last point: 1, 0 or -1. */
    final int anomaly() {
        return alerts == null ? 0 : alerts.anomaly();
    }

    final void setAnomaly(long time, int anomaly) {
        if (anomaly != anomaly()) {
            known(time).setAnomaly(anomaly);
        }
    }

    final void alerted(long time, double score) {
        known(time).alerted(time, score);
    }

    /**
     * Whether an alert with this score must be suppressed, because there was a recent alert whose score was about as
     * high or higher.
     */
    final boolean isQuiet(long time, double score, double worse, long quietSeconds) {
        return alerts != null && score <= worse * alerts.alertScore() && alerts.secondsFromAlert(time) < quietSeconds;
    }

    /** Drops the data about the warm-up and the last alert if it is no longer needed. */
    final void settle(long time, long warmUpSeconds, long quietSeconds) {
        if (alerts != null && alerts.isOver(time, warmUpSeconds, quietSeconds)) {
            alerts = null;
        }
    }

    private Alerts known(long time) {
        if (alerts == null) {
            alerts = Alerts.ofOld(time);
        }
        return alerts;
    }
}
