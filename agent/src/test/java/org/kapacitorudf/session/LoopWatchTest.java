package org.kapacitorudf.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("slow")
@Timeout(600)
final class LoopWatchTest {
    private final LoopWatch watch = new LoopWatch();
    private final CallClock clock = new CallClock();

    private void awaitTicks(long count) {
        long end = watch.ticks() + count;
        while (watch.ticks() < end) {
            Thread.onSpinWait();
        }
    }

    /** Idle for a while, it no longer ticks. */
    private void awaitSleep() throws InterruptedException {
        long seen;
        do {
            seen = watch.ticks();
            // Six ticks: the sleep itself is what is waited for, and nothing tells of it.
            TimeUnit.NANOSECONDS.sleep(6 * LoopWatch.TICK_NANOS);
        } while (watch.ticks() != seen);
    }

    @Test
    void aCallThatDoesNotComeBackIsToldOfOnce() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        watch.watch(clock, Duration.ofMillis(100).toNanos(), stuck::countDown);
        watch.active();
        clock.begin();
        assertThat(stuck.await(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void aProcessThatStoodStillForLongIsNoCallThatTookLong() throws InterruptedException {
        AtomicLong standstillNanos = new AtomicLong();
        LoopWatch watch = new LoopWatch(() -> System.nanoTime() + standstillNanos.get());
        CountDownLatch stuck = new CountDownLatch(1);
        watch.watch(clock, Duration.ofMinutes(1).toNanos(), stuck::countDown);
        watch.active();
        clock.begin();
        while (watch.seenNanos(clock) == 0) {
            Thread.onSpinWait();
        }
        standstillNanos.set(Duration.ofHours(1).toNanos());
        long before = watch.seenNanos(clock);
        while (stuck.getCount() == 1
                && watch.seenNanos(clock) < before + Duration.ofSeconds(1).toNanos()) {
            Thread.onSpinWait();
        }
        assertThat(stuck.getCount()).isEqualTo(1);
        clock.end();
        watch.unwatch(clock);
    }

    @Test
    void aCallThatBeginsWhileTheWatchSleepsIsSeen() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        watch.watch(clock, Duration.ofMillis(100).toNanos(), stuck::countDown);
        awaitSleep();
        watch.active();
        clock.begin();
        assertThat(stuck.await(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void whateverIsDoneAboutAStuckLoopTheOthersAreStillWatched() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CallClock other = new CallClock();
        watch.watch(other, Duration.ofMillis(50).toNanos(), () -> {
            throw new IllegalStateException("made up");
        });
        watch.watch(clock, Duration.ofMillis(200).toNanos(), stuck::countDown);
        watch.active();
        other.begin();
        clock.begin();
        assertThat(stuck.await(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void withNothingToWatchTheThreadEndsAndBeginsAgainWhenThereIs() throws InterruptedException {
        watch.watch(clock, Long.MAX_VALUE, () -> {});
        awaitTicks(1);
        Thread thread = thread();
        awaitSleep();
        watch.unwatch(clock);
        thread.join();
        watch.watch(clock, Long.MAX_VALUE, () -> {});
        awaitTicks(1);
        watch.unwatch(clock);
    }

    private Thread thread() {
        return watch.thread().orElseThrow();
    }
}
