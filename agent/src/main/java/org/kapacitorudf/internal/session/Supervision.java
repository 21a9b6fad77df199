package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Supervises an active connection: checks that Kapacitor reads the output, sends keepalives, and advances time for the
 * steps of the shutdown. An idle connection is not supervised.
 *
 * <p>Threading: event loop only. Times are from a monotonic clock.
 */
final class Supervision {
    static final long TICK_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * The maximum time that is counted between two ticks. If an event loop or the whole process was suspended for
     * longer, neither Kapacitor nor the handler is responsible.
     */
    private static final long LONGEST_TICK_NANOS = Duration.ofSeconds(1).toNanos();

    private final KeepaliveRhythm rhythm;
    private final LongSupplier unsentBytes;
    private final WriteProgressMonitor progress;
    private final Supervised connection;

    private boolean isOn;
    private long lastTickNanos;
    private long supervisedNanos;
    private long lastShownNanos;

    /** The connection as its supervision sees it. */
    interface Supervised {
        /** Whether supervision must continue. */
        boolean needsSupervision();

        SessionState state();

        /** Whether the handler has work. */
        boolean isBusy();

        void flushSoon();

        /** Schedules {@link Supervision#tick}, passing it the time at which it runs. */
        void tickIn(long nanos);

        /**
         * Called at each tick.
         *
         * @param stalledNanos how long output has waited without progress; 0 if no output waits
         */
        void stalled(long nowNanos, long stalledNanos);

        /** Called when output has waited so long that Kapacitor, by its own rules, must have given up. */
        void stalledForGood(long stalledNanos);

        /**
         * Called periodically during the shutdown.
         *
         * @param isTaken whether Kapacitor is reading the output that waits
         */
        void ending(long elapsedNanos, boolean isTaken);

        /** Called periodically while a call runs after the end of the connection; returns whether to continue. */
        boolean closed(long elapsedNanos);

        void showThatWeLive();
    }

    Supervision(KeepaliveRhythm rhythm, LongSupplier unsentBytes, LongSupplier takenBytes, Supervised connection) {
        this.rhythm = rhythm;
        this.unsentBytes = unsentBytes;
        this.progress = new WriteProgressMonitor(unsentBytes, takenBytes, 0);
        this.connection = connection;
    }

    /** Starts supervision if it is needed. */
    void beginIfNeeded(long nowNanos) {
        if (!isOn && connection.needsSupervision()) {
            begin(nowNanos);
        }
    }

    /** Starts supervision. */
    void begin(long nowNanos) {
        if (!isOn) {
            isOn = true;
            lastTickNanos = nowNanos;
            progress.restart(supervisedNanos);
            scheduleTick();
        }
    }

    /** Stops supervision after it has failed. It may be started again. */
    void stop() {
        isOn = false;
    }

    private void scheduleTick() {
        connection.tickIn(Math.min(TICK_NANOS, rhythm.intervalNanos()));
    }

    void tick(long nowNanos) {
        long elapsedNanos = Math.min(nowNanos - lastTickNanos, LONGEST_TICK_NANOS);
        lastTickNanos = nowNanos;
        supervisedNanos += elapsedNanos;
        if (connection.state() == SessionState.CLOSED) {
            if (connection.closed(elapsedNanos)) {
                scheduleTick();
            }
            return;
        }
        connection.flushSoon();
        long stalledNanos = progress.look(supervisedNanos);
        if (progress.hasProgressed()) {
            lastShownNanos = nowNanos;
        }
        connection.stalled(nowNanos, stalledNanos);
        if (stalledNanos > rhythm.stallNanos()) {
            connection.stalledForGood(stalledNanos);
        } else if (connection.state().isEnding()) {
            // If no output waits any more, the progress may only have been an answer to a keepalive request. Such
            // requests may continue forever.
            connection.ending(elapsedNanos, progress.hasProgressed() && unsentBytes.getAsLong() > 0);
        } else {
            showThatWeLive(nowNanos);
        }
        isOn = connection.state() != SessionState.CLOSED && connection.needsSupervision();
        if (isOn) {
            scheduleTick();
        }
    }

    /**
     * Sends a keepalive if necessary. Kapacitor accepts any response as a sign of life, so no keepalive is necessary
     * while there are responses that Kapacitor has not read yet.
     */
    private void showThatWeLive(long nowNanos) {
        if (connection.isBusy()
                && unsentBytes.getAsLong() == 0
                && nowNanos - lastShownNanos >= rhythm.intervalNanos()) {
            lastShownNanos = nowNanos;
            connection.showThatWeLive();
        }
    }
}
