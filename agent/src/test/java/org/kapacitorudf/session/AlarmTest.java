package org.kapacitorudf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The channel's time is virtual, and the test's thread is its event loop. */
final class AlarmTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Long> wentOffAt = new ArrayList<>();
    private final Alarm alarm = new Alarm(channel, this::wentOff);
    private final long start;

    AlarmTest() {
        channel.freezeTime();
        start = alarm.nanoTime();
    }

    private void wentOff() {
        wentOffAt.add(alarm.nanoTime() - start);
    }

    private void pass(long nanos) {
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void itGoesOffOnceAtItsTime() {
        alarm.set(start + 10);
        pass(9);
        assertThat(wentOffAt).isEmpty();
        pass(1);
        pass(100);
        assertThat(wentOffAt).containsExactly(10L);
    }

    @Test
    void anEarlierTimeTakesThePlaceOfALaterOne() {
        alarm.set(start + 10);
        alarm.set(start + 5);
        alarm.set(start + 7);
        pass(5);
        pass(100);
        assertThat(wentOffAt).containsExactly(5L);
    }

    @Test
    void itMayBeSetAgainWhileItGoesOff() {
        Alarm[] repeated = new Alarm[1];
        repeated[0] = new Alarm(channel, () -> {
            wentOff();
            repeated[0].set(alarm.nanoTime() + 5);
        });
        repeated[0].set(start + 5);
        pass(5);
        pass(5);
        assertThat(wentOffAt).containsExactly(5L, 10L);
    }

    @Test
    void aTimeThatHasPassedIsAtOnce() {
        pass(10);
        alarm.set(start);
        pass(0);
        assertThat(wentOffAt).containsExactly(10L);
    }

    @Test
    void turnedOffItHoldsNothingAndNeverGoesOff() {
        alarm.set(start + 10);
        alarm.turnOff();
        assertThat(channel.runScheduledPendingTasks()).as("the next task").isEqualTo(-1);
        alarm.set(start + 10);
        pass(100);
        assertThat(wentOffAt).isEmpty();
    }
}
