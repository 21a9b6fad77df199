package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Comparator;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.agent.AgentConfig;
import org.slf4j.helpers.NOPLogger;

final class TimerQueueTest {
    private final Timers timers = new Timers(new Nobody(), AgentConfig.defaults(), NOPLogger.NOP_LOGGER);
    private final TimerQueue queue = new TimerQueue();

    private TimerEntry timer(long dueNanos, long order) {
        TimerEntry timer = new TimerEntry(timers, (time, output) -> {}, 0);
        timer.dueNanos = dueNanos;
        timer.order = order;
        return timer;
    }

    @Test
    void itDoesWhatASortedSetDoesWhateverIsAddedAndTakenOut() {
        Random random = new Random(4);
        TreeSet<TimerEntry> oracle = new TreeSet<>(
                Comparator.<TimerEntry>comparingLong(timer -> timer.dueNanos).thenComparingLong(timer -> timer.order));
        for (int step = 0; step < 100_000; step++) {
            int what = random.nextInt(step / 10_000 % 2 == 0 ? 3 : 5);
            if (what < 2) {
                TimerEntry timer = timer(random.nextInt(100), step);
                queue.add(timer);
                oracle.add(timer);
            } else if (what == 2 && !oracle.isEmpty()) {
                assertThat(queue.poll()).isSameAs(oracle.pollFirst());
            } else if (!oracle.isEmpty()) {
                TimerEntry any = oracle.ceiling(timer(random.nextInt(100), 0));
                if (any != null) {
                    assertThat(queue.contains(any)).isTrue();
                    queue.remove(any);
                    oracle.remove(any);
                    assertThat(queue.contains(any)).isFalse();
                }
            }
            assertThat(queue.peek()).isSameAs(oracle.isEmpty() ? null : oracle.first());
        }
        while (!oracle.isEmpty()) {
            assertThat(queue.poll()).isSameAs(oracle.pollFirst());
        }
        assertThat(queue.peek()).isNull();
    }

    @Test
    void theLowestAndTheHighestInstantAreInOrder() {
        TimerEntry last = timer(Long.MAX_VALUE, 0);
        TimerEntry first = timer(Long.MIN_VALUE, 1);
        queue.add(last);
        queue.add(first);
        assertThat(queue.poll()).isSameAs(first);
        assertThat(queue.poll()).isSameAs(last);
    }

    @Test
    void aTimerInAnotherQueueIsNotInThisOne() {
        TimerQueue other = new TimerQueue();
        TimerEntry timer = timer(1, 1);
        other.add(timer);
        queue.add(timer(1, 2));
        assertThat(queue.contains(timer)).isFalse();
        assertThat(other.contains(timer)).isTrue();
    }

    private static final class Nobody implements Timers.TimerCallbacks {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public boolean isInCall() {
            return true;
        }

        @Override
        public void wakeAt(long nanoTime) {}
    }
}
