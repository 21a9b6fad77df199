package org.kapacitorudf.functions.detect;

/**
 * How a detector tells what is usual: the part that differs from detector to detector. It holds the options; what it has learnt of a series is in {@code S}.
 *
 * <p>Threading: one thread at a time.
 *
 * @param <S> the state of one series
 */
public interface Method<S extends Watched> {
    /** The state of a series without points. */
    S fresh();

    /** What a series takes in a snapshot at most, before it is deflated, in bytes. A series with arrays takes more than this. */
    default long snapshotBytes() {
        return 300;
    }

    /**
     * Sets the band by what was learnt from earlier points, and changes nothing. At the first point of a series {@link Watched#isNew} is true.
     *
     * @param time in nanoseconds since the epoch
     * @param judgement has the value itself as its band; leave it so if nothing is known
     * @return whether enough is known for alerts, apart from the time that the option {@code warmUp} asks for
     */
    boolean judge(S series, long time, double value, Judgement judgement);

    /**
     * Learns from a value. It is called after {@link #judge}, with the complete judgement, and never for late points and duplicates. At the first point of a series
     * {@link Watched#isNew} is true.
     */
    void learn(S series, long time, double value, Judgement judgement);
}
