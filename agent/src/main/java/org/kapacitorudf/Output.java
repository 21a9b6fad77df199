package org.kapacitorudf;

import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;

/**
 * Sends points and batches to Kapacitor.
 *
 * <p>Threading: safe for use by any thread, from the answer to Init to the end of the connection. Data from one thread
 * arrives in the order in which it was sent, and a batch is never interleaved with other data. Data that is sent during
 * a handler's call leaves no later than when the current input has been handled; data from any other thread leaves
 * immediately.
 *
 * <p>Back-pressure: when Kapacitor does not keep up, the call blocks until there is room.
 *
 * <p>Errors: {@link OutputException} if the data would break a rule of the protocol (a point where the function
 * provides batches, a string that is not valid Unicode, a field name with two types) or exceed a limit.
 * {@link OutputClosedException} if the connection has ended, or if the handler that owns this output has been replaced.
 * In both cases nothing is sent. If a thread is interrupted while it waits, it gets an {@link OutputException} and
 * keeps its interrupt flag.
 */
public interface Output {
    /** Sends one point. For functions that provide a stream only. */
    void point(Point point);

    /** Sends a complete batch or nothing. For functions that provide batches only. */
    void batch(Batch batch);

    /** Returns whether a point or batch can be sent now without waiting. */
    boolean isWritable();
}
