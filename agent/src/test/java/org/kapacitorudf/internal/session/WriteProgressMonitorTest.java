package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WriteProgressMonitorTest {
    private long unsent;
    private long taken;
    private final WriteProgressMonitor clock = new WriteProgressMonitor(() -> unsent, () -> taken, 0);

    @Test
    void nothingWaitsSoNothingStalls() {
        assertThat(clock.look(1_000)).isZero();
    }

    @Test
    void whatWaitsWithoutProgressStalls() {
        unsent = 10;
        assertThat(clock.look(1_000)).isEqualTo(1_000);
        assertThat(clock.look(3_000)).isEqualTo(3_000);
    }

    @Test
    void anyProgressRestartsTheClock() {
        unsent = 10;
        clock.look(1_000);
        taken = 1;
        assertThat(clock.look(2_000)).isZero();
        assertThat(clock.hasProgressed()).isTrue();
        assertThat(clock.look(2_500)).isEqualTo(500);
        assertThat(clock.hasProgressed()).isFalse();
    }

    @Test
    void aRestartForgetsTheTimeSinceTheLastLook() {
        unsent = 10;
        clock.restart(50_000);
        assertThat(clock.look(50_100)).isEqualTo(100);
    }
}
