package org.kapacitorudf.soak;

/**
 * A histogram of durations, collected over many hours, in buckets about 4 % wide.
 *
 * <p>Threading: one thread.
 */
final class Latencies {
    private static final int STEPS_PER_DOUBLING = 16;

    private final long[] counts = new long[Long.SIZE * STEPS_PER_DOUBLING];
    private long count;
    private long longestNanos;

    void add(long nanos) {
        count++;
        longestNanos = Math.max(longestNanos, nanos);
        counts[step(nanos)]++;
    }

    private static int step(long nanos) {
        return Math.max(0, (int) (Math.log(Math.max(1, nanos)) / Math.log(2) * STEPS_PER_DOUBLING));
    }

    long count() {
        return count;
    }

    long longestNanos() {
        return longestNanos;
    }

    /** The duration that this share of all durations does not exceed, rounded up to the end of its bucket. */
    long percentileNanos(double share) {
        long left = (long) Math.ceil(share * count);
        for (int i = 0; i < counts.length; i++) {
            left -= counts[i];
            if (left <= 0) {
                return Math.min(longestNanos, (long) Math.pow(2, (i + 1.0) / STEPS_PER_DOUBLING));
            }
        }
        return longestNanos;
    }
}
