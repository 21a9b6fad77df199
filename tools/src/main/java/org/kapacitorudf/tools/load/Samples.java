package org.kapacitorudf.tools.load;

import java.util.Arrays;

/**
 * Measured durations.
 *
 * <p>Threading: for use by any thread, but by one at a time.
 */
final class Samples {
    private static final int FIRST_CAPACITY = 1024;

    private long[] nanos = new long[FIRST_CAPACITY];
    private int count;

    void add(long durationNanos) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = durationNanos;
    }

    void addAll(Samples others) {
        for (int i = 0; i < others.count; i++) {
            add(others.nanos[i]);
        }
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    /**
     * Returns the smallest sample such that at least this share of all samples are not larger: {@code percentile(0.5)}
     * of 1, 2, 3, 4 is 2.
     *
     * @param share more than 0, at most 1; with 1 the largest sample is returned
     * @return 0 if there are no samples
     */
    long percentile(double share) {
        if (count == 0) {
            return 0;
        }
        Arrays.sort(nanos, 0, count);
        int rank = (int) Math.ceil(share * count);
        return nanos[Math.max(rank, 1) - 1];
    }
}
