package org.kapacitorudf.server.call;

import org.kapacitorudf.Point;

/**
 * Receives the input and output points of a call. A call with such a receiver does not write its results to the output.
 *
 * <p>Threading: one thread at a time.
 */
public interface Answers {
    /** Receives an input point, before it is passed to the function. */
    void in(Point point);

    /** Receives a point that the function has emitted. */
    void out(Point point);
}
