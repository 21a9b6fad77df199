package org.kapacitorudf.server.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;

/**
 * Reads points with a thread of its own, a little ahead of who takes them.
 *
 * <p>Threading: one thread takes.
 */
final class Input {
    /**
     * What was there at the same time.
     *
     * @param lines for each point, the number of the line at which it ends
     * @param batches what a recording of batches has; a source gives points or batches, not both
     * @param end why nothing comes after this: the input has ended if this is {@link #ENDED}, or cannot be read; null if there may be more
     */
    record Chunk(List<Point> points, long[] lines, List<Batch> batches, RuntimeException end) {}

    /** The end of the input. */
    static final RuntimeException ENDED = new RuntimeException("the input has ended", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private static final int CHUNK_POINTS = 1_000;
    private static final int CHUNKS_AHEAD = 3;

    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
    private final PointSource source;
    private final BadLines badLines;

    /** A chunk that is not complete. */
    private static final class Open implements PointSource.Sink {
        private final List<Point> points = new ArrayList<>();
        private final List<Batch> batches = new ArrayList<>();
        private final long[] lines = new long[CHUNK_POINTS];

        @Override
        public void point(Point point) {
            points.add(point);
        }

        @Override
        public void batch(Batch batch) {
            batches.add(batch);
        }

        boolean isFull() {
            return points.size() >= CHUNK_POINTS || !batches.isEmpty();
        }
    }

    /** @param badLines given what is not a point */
    Input(PointSource source, BadLines badLines) {
        this.source = source;
        this.badLines = badLines;
        Thread thread = new Thread(this::read, "kapacitor-udf-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** The next points; nothing if there are none within a time. */
    Optional<Chunk> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(chunks.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    private void read() {
        Open open = new Open();
        RuntimeException end = null;
        try {
            while (end == null) {
                try {
                    int before = open.points.size();
                    end = source.read(open) ? null : ENDED;
                    if (open.points.size() > before) {
                        open.lines[before] = source.line();
                    }
                } catch (BadInputException e) {
                    end = badLines.take(e) ? null : e;
                } catch (RuntimeException e) {
                    end = e;
                } catch (OutOfMemoryError e) {
                    end = new IllegalStateException(e.toString(), e);
                }
                if (end != null || open.isFull() || !source.isReady()) {
                    chunks.put(new Chunk(open.points, open.lines, open.batches, end));
                    open = new Open();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
