package org.kapacitorudf.internal.host;

import org.kapacitorudf.Output;

/**
 * The output of one handler, which the host opens when data may leave, and closes when the handler is replaced.
 *
 * <p>Threading: safe for any thread.
 */
public interface HandlerOutput extends Output {
    /** From now on data is taken, unless the output has ended already. */
    void open();

    /** From now on data is refused, for good. What has been accepted still leaves. */
    void close();

    /** Where the outputs of a connection's handlers come from, one for each. */
    interface Port {
        /** A new output, which takes no data yet. */
        HandlerOutput outlet();

        /** Batches that have been accepted so far. */
        long batchesOut();

        /** The number of non-finite values in results. Safe for any thread. */
        long nonFinite();

        /** Points that have been accepted so far. */
        long pointsOut();
    }
}
