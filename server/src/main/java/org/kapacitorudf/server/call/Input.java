package org.kapacitorudf.server.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;

/**
 * Reads the input slightly ahead, in a separate thread.
 *
 * <p>Threading: one thread calls {@link #next}.
 */
final class Input {
    /**
     * Points or batches that were read without waiting in between.
     *
     * @param lines for each point, the number of the line at which it ends
     * @param batches batches, if the input is a batch recording; {@code points} is then empty
     * @param end {@link #ENDED} if the input has ended, another exception if it cannot be read further; null if more
     *     input may follow
     */
    record Chunk(
            List<Point> points,
            long[] lines,
            List<Batch> batches,
            @Nullable RuntimeException end) {}

    /** Marks the end of the input. */
    static final RuntimeException ENDED = new RuntimeException("the input has ended", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private static final int CHUNK_POINTS = 1_000;
    private static final int CHUNKS_AHEAD = 3;

    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
    private final PointSource source;
    private final BadLines badLines;

    /** A chunk that is still being filled. */
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

    /** @param badLines handles lines that are not points */
    Input(PointSource source, BadLines badLines) {
        this.source = source;
        this.badLines = badLines;
        Thread thread = new Thread(this::read, "kapacitor-udf-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the next chunk; empty if none arrives within the time limit. */
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
