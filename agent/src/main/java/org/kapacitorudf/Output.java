package org.kapacitorudf;

import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;

/**
 * Sends points and batches to Kapacitor.
 *
 * <p>Threading: safe for any thread, at any time between the answer to Init and the end of the connection. What one thread sends arrives in the order it was
 * sent; a batch is never mixed with anything else. What is sent during a handler's call leaves at the latest when the input at hand has been handled; what
 * any other thread sends leaves at once.
 *
 * <p>Back-pressure: when Kapacitor does not keep up, the call waits until there is room.
 *
 * <p>Errors: {@link OutputException} when a rule of the protocol would be broken (a point where the function provides batches, a string that is no valid
 * Unicode, a field name in two types) or a limit exceeded; {@link OutputClosedException} once the connection has ended, or the handler whose output it is has been
 * replaced. Nothing of it is sent then. A thread
 * that is interrupted while it waits gets an {@link OutputException} and keeps its interrupt flag.
 */
public interface Output {
    /** Sends one point. For functions that provide a stream. */
    void point(Point point);

    /** Sends one batch, all of it or nothing. For functions that provide batches. */
    void batch(Batch batch);

    /** Tells whether a point or batch would be taken now, without waiting. */
    boolean isWritable();
}
