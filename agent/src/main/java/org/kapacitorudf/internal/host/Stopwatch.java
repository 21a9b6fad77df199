package org.kapacitorudf.internal.host;

/**
 * Measures the total time for which a condition has held, including the current period.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Stopwatch {
    private boolean running;
    private long begunNanos;
    private long sumNanos;

    public synchronized void start() {
        if (!running) {
            running = true;
            begunNanos = System.nanoTime();
        }
    }

    public synchronized void stop() {
        if (running) {
            running = false;
            sumNanos += System.nanoTime() - begunNanos;
        }
    }

    /** The total time in nanoseconds. Never decreases. */
    public synchronized long nanos() {
        return running ? sumNanos + (System.nanoTime() - begunNanos) : sumNanos;
    }
}
