package org.kapacitorudf.tools.load;

/** What is measured. */
public enum Measure {
    /** Points per second, with as many in flight as the system's buffers hold. */
    THROUGHPUT(Metric.POINTS_PER_SECOND),
    /**
     * The time from the write of one point or batch to the last byte of its result; only then is the next one written.
     */
    LATENCY(Metric.P50_MICROS),
    /** The time from the start of the process to the last byte of its answer to Info. */
    START(Metric.START_MILLIS),
    /** Memory used by idle connections or processes. */
    IDLE(Metric.RESIDENT_MEGABYTES);

    private final Metric primary;

    Measure(Metric primary) {
        this.primary = primary;
    }

    /** The main figure, which is compared. */
    public Metric primary() {
        return primary;
    }
}
