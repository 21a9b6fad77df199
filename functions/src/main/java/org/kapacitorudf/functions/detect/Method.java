package org.kapacitorudf.functions.detect;

/**
 * The method by which a detector decides what is usual. It holds the options; the state of a series is in {@code S}.
 *
 * <p>Threading: one thread at a time.
 *
 * @param <S> the state of one series
 */
public interface Method<S extends Watched> {
    /** The initial state of a series. */
    S fresh();

    /**
     * The maximum size, in bytes, of a series in an uncompressed snapshot. The default is too small for a series with
     * arrays.
     */
    default long snapshotBytes() {
        return 300;
    }

    /**
     * Sets the band from earlier points, without changing the state. At the first point of a series
     * {@link Watched#isNew} is true.
     *
     * @param time in nanoseconds since the epoch
     * @param judgement receives the band; without a call of {@link Judgement#band}, the band is the value itself
     * @return whether there is enough data for alerts, regardless of the option {@code warmUp}
     */
    boolean judge(S series, long time, double value, Judgement judgement);

    /**
     * Learns from a value. Called after {@link #judge}, with the complete judgement; never called for late points and
     * duplicates. At the first point of a series {@link Watched#isNew} is true.
     */
    void learn(S series, long time, double value, Judgement judgement);
}
