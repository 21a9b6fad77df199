package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SupervisionTest {
    private static final Duration STALL_LIMIT = Duration.ofMillis(1_600);

    private final List<Long> stalledForGood = new ArrayList<>();
    private final Supervision supervision = new Supervision(
            new KeepaliveRhythm(Duration.ofSeconds(10), STALL_LIMIT), () -> 1_000, () -> 0, new Stalling());
    private long nowNanos = Duration.ofDays(1).toNanos();

    /** A connection whose output is not read. */
    private final class Stalling implements Supervision.Supervised {
        @Override
        public boolean needsSupervision() {
            return true;
        }

        @Override
        public SessionState state() {
            return SessionState.RUNNING;
        }

        @Override
        public boolean isBusy() {
            return true;
        }

        @Override
        public void flushSoon() {}

        @Override
        public void tickIn(long nanos) {}

        @Override
        public void stalled(long nowNanos, long stalledNanos) {}

        @Override
        public void stalledForGood(long stalledNanos) {
            stalledForGood.add(stalledNanos);
        }

        @Override
        public void ending(long elapsedNanos, boolean isTaken) {
            throw new AssertionError("ending");
        }

        @Override
        public boolean closed(long elapsedNanos) {
            throw new AssertionError("closed");
        }

        @Override
        public void showThatWeLive() {}
    }

    private void tickAfter(Duration time) {
        nowNanos += time.toNanos();
        supervision.tick(nowNanos);
    }

    @Test
    void timeInWhichTheLoopStoodStillIsNotAStallOfKapacitor() {
        supervision.begin(nowNanos);
        tickAfter(Duration.ofMillis(100));
        tickAfter(Duration.ofHours(1)); // counts as one second
        tickAfter(Duration.ofMillis(500));
        assertThat(stalledForGood).isEmpty();
        tickAfter(Duration.ofMillis(1));
        assertThat(stalledForGood).containsExactly(Duration.ofMillis(1_601).toNanos());
    }
}
