package org.kapacitorudf.internal.host;

import org.kapacitorudf.Output;

/**
 * The output of one handler instance. The host opens it when data may be sent, and closes it when the handler is
 * replaced.
 *
 * <p>Threading: safe for use by any thread.
 */
public interface HandlerOutput extends Output {
    /** Starts accepting data, unless the output has already ended. */
    void open();

    /** Rejects data from now on. Accepted data is still sent. */
    void close();

    /** Creates the outputs of a connection's handlers, one for each instance. */
    interface Port {
        /** Creates an output that is not open yet. */
        HandlerOutput outlet();

        /** The number of accepted batches. */
        long batchesOut();

        /**
         * The number of field values that the function has produced and that were not finite. Safe for use by any
         * thread.
         */
        long nonFinite();

        /** The number of accepted points. */
        long pointsOut();
    }
}
