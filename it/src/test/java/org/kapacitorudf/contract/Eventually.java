package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions without events. */
final class Eventually {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

    private Eventually() {}

    static <T> void equal(String what, Supplier<T> actual, T expected) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        T last;
        while (!expected.equals(last = actual.get()) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(last).as(what).isEqualTo(expected);
    }
}
