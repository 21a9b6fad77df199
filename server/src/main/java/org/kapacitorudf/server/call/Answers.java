package org.kapacitorudf.server.call;

import org.kapacitorudf.Point;

/**
 * Receives the points of a call, instead of {@code STDOUT}.
 *
 * <p>Threading: one thread at a time.
 */
public interface Answers {
    /** Receives a point before the function gets it. */
    void in(Point point);

    /** Receives a point that the function has emitted. */
    void out(Point point);
}
