package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Looks after a connection for as long as something is going on; an idle one costs nothing. It sees that Kapacitor takes
 * our output, shows it that we live, and lets time pass for the steps of the end.
 *
 * <p>Threading: event loop only. The time is given: by a clock that nobody sets.
 */
final class Supervision {
    static final long TICK_NANOS = Duration.ofMillis(100).toNanos();

    /** Between two ticks no more than this counts: what an event loop, or a whole process, stood still for longer was not Kapacitor's or the handler's doing. */
    private static final long LONGEST_TICK_NANOS = Duration.ofSeconds(1).toNanos();

    private final KeepaliveRhythm rhythm;
    private final LongSupplier unsentBytes;
    private final WriteProgressMonitor progress;
    private final Supervised connection;

    private boolean isOn;
    private long lastTickNanos;
    private long supervisedNanos;
    private long lastShownNanos;

    /** The connection. */
    interface Supervised {
        /** Whether it has to be looked at again. */
        boolean needsSupervision();

        SessionState state();

        /** Whether the handler has work. */
        boolean isBusy();

        void flushSoon();

        /** Has {@link Supervision#tick} called with the time then. */
        void tickIn(long nanos);

        /** Output has waited for so long without any of it being taken; 0 if none waits. */
        void stalled(long nowNanos, long stalledNanos);

        /** Output has waited for longer than Kapacitor waits by its own rule. */
        void stalledForGood(long stalledNanos);

        /** Time passes while the end is waited for. */
        void ending(long elapsedNanos, boolean isTaken);

        /** Time passes while a call goes on although the connection is closed; tells whether it has to be looked at again. */
        boolean closed(long elapsedNanos);

        void showThatWeLive();
    }

    Supervision(KeepaliveRhythm rhythm, LongSupplier unsentBytes, LongSupplier takenBytes, Supervised connection) {
        this.rhythm = rhythm;
        this.unsentBytes = unsentBytes;
        this.progress = new WriteProgressMonitor(unsentBytes, takenBytes, 0);
        this.connection = connection;
    }

    /** Begins to look, if there is something to look at. */
    void beginIfNeeded(long nowNanos) {
        if (!isOn && connection.needsSupervision()) {
            begin(nowNanos);
        }
    }

    /** Begins to look. */
    void begin(long nowNanos) {
        if (!isOn) {
            isOn = true;
            lastTickNanos = nowNanos;
            progress.restart(supervisedNanos);
            scheduleTick();
        }
    }

    /** The check itself has failed. It may be started again. */
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
            // What has gone without a rest may have been the answer to a keepalive, and those may go on for ever.
            connection.ending(elapsedNanos, progress.hasProgressed() && unsentBytes.getAsLong() > 0);
        } else {
            showThatWeLive(nowNanos);
        }
        isOn = connection.state() != SessionState.CLOSED && connection.needsSupervision();
        if (isOn) {
            scheduleTick();
        }
    }

    /** Kapacitor takes any response for a sign of life; what waits for it to read will be one. */
    private void showThatWeLive(long nowNanos) {
        if (connection.isBusy()
                && unsentBytes.getAsLong() == 0
                && nowNanos - lastShownNanos >= rhythm.intervalNanos()) {
            lastShownNanos = nowNanos;
            connection.showThatWeLive();
        }
    }
}
