package org.kapacitorudf.server.call;

import java.io.Closeable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;

/**
 * A source of points for a call.
 *
 * <p>Threading: one thread reads; any thread may close it.
 *
 * <p>Errors: {@link BadInputException} for input that is not a point, after which reading may continue; any other
 * {@link RuntimeException} ends the input.
 */
public interface PointSource extends Closeable {
    /** Receives the input. */
    interface Sink {
        void point(Point point);

        void batch(Batch batch);
    }

    /**
     * Reads the next point or batch, and passes it to {@code sink}. Returns false at the end of the input. May block.
     */
    boolean read(Sink sink);

    /** Whether the next point or batch is buffered, so that {@link #read} would not block. */
    boolean isReady();

    /** The number of the line on which the most recent point ends; 0 if the format has no lines. */
    long line();

    @Override
    void close();
}
