package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The channel's time is virtual, and the test's thread is its event loop. */
final class WakeUpTimerTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Long> wentOffAt = new ArrayList<>();
    private final WakeUpTimer wakeUpTimer = new WakeUpTimer(channel, this::wentOff);
    private final long start;

    WakeUpTimerTest() {
        channel.freezeTime();
        start = wakeUpTimer.nanoTime();
    }

    private void wentOff() {
        wentOffAt.add(wakeUpTimer.nanoTime() - start);
    }

    private void pass(long nanos) {
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void itGoesOffOnceAtItsTime() {
        wakeUpTimer.set(start + 10);
        pass(9);
        assertThat(wentOffAt).isEmpty();
        pass(1);
        pass(100);
        assertThat(wentOffAt).containsExactly(10L);
    }

    @Test
    void anEarlierTimeTakesThePlaceOfALaterOne() {
        wakeUpTimer.set(start + 10);
        wakeUpTimer.set(start + 5);
        wakeUpTimer.set(start + 7);
        pass(5);
        pass(100);
        assertThat(wentOffAt).containsExactly(5L);
    }

    @Test
    void itMayBeSetAgainWhileItGoesOff() {
        WakeUpTimer[] repeated = new WakeUpTimer[1];
        repeated[0] = new WakeUpTimer(channel, () -> {
            wentOff();
            repeated[0].set(wakeUpTimer.nanoTime() + 5);
        });
        repeated[0].set(start + 5);
        pass(5);
        pass(5);
        assertThat(wentOffAt).containsExactly(5L, 10L);
    }

    @Test
    void aTimeThatHasPassedIsAtOnce() {
        pass(10);
        wakeUpTimer.set(start);
        pass(0);
        assertThat(wentOffAt).containsExactly(10L);
    }

    @Test
    void turnedOffItHoldsNothingAndNeverGoesOff() {
        wakeUpTimer.set(start + 10);
        wakeUpTimer.turnOff();
        assertThat(channel.runScheduledPendingTasks()).as("the next task").isEqualTo(-1);
        wakeUpTimer.set(start + 10);
        pass(100);
        assertThat(wentOffAt).isEmpty();
    }
}
