package org.kapacitorudf.server.call;

import org.kapacitorudf.Point;

/**
 * Receives the points of a call, in place of {@code STDOUT}.
 *
 * <p>Threading: one thread at a time.
 */
public interface Answers {
    /** Receives a point that the function is about to be given. */
    void in(Point point);

    /** Receives a point that the function has emitted. */
    void out(Point point);
}
