package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.agent.Connection.CallTimes;

/**
 * Collects the durations of a handler's calls.
 *
 * <p>Threading: {@link #add} is for the handler's thread. {@link #times} is safe for use by any thread; its result may
 * be a moment old.
 */
final class CallTimeHistogram {
    private static final long[] BOUND_NANOS = new long[CallTimes.BOUNDS.size()];

    static {
        for (int i = 0; i < BOUND_NANOS.length; i++) {
            BOUND_NANOS[i] = CallTimes.BOUNDS.get(i).toNanos();
        }
    }

    // No fences: other threads read these for metrics, where a short delay does not matter.
    private final long[] within = new long[BOUND_NANOS.length + 1];
    private long totalNanos;

    /** Adds the duration of a call. */
    void add(long nanos) {
        within[index(nanos)]++;
        totalNanos += nanos;
    }

    private static int index(long nanos) {
        int index = 0;
        while (index < BOUND_NANOS.length && nanos > BOUND_NANOS[index]) {
            index++;
        }
        return index;
    }

    CallTimes times() {
        List<Long> copy = new ArrayList<>();
        for (long calls : within) {
            copy.add(calls);
        }
        return new CallTimes(Duration.ofNanos(totalNanos), copy);
    }
}
