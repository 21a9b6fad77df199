package org.kapacitorudf.server.call;

import java.io.Closeable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;

/**
 * What the points of a call come from.
 *
 * <p>Threading: one thread reads; any thread may close it.
 *
 * <p>Errors: {@link BadInputException} for what is not a point, after which it reads on with what comes next; any other {@link RuntimeException} ends it.
 */
public interface PointSource extends Closeable {
    /** Takes what is read. */
    interface Sink {
        void point(Point point);

        void batch(Batch batch);
    }

    /** Reads the next point or batch; false at the end. May wait. */
    boolean read(Sink sink);

    /** Whether the next one has been read ahead, so that {@link #read} does not wait. */
    boolean isReady();

    /** The number of the line at which the point ends that was read last; 0 if there are no lines. */
    long line();

    @Override
    void close();
}
