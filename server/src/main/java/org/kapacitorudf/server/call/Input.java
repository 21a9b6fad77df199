package org.kapacitorudf.server.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.client.LineReader;
import org.kapacitorudf.proto.Point;

/**
 * Reads points with a thread of its own, a little ahead of who takes them.
 *
 * <p>Threading: one thread takes; any thread ends it.
 */
final class Input {
    /**
     * Points that were there at the same time.
     *
     * @param lines for each point, the number of the line at which it ends
     * @param end why there are no more behind them: the input has ended if this is {@link #ENDED}, or cannot be read; null if there may be more
     */
    record Chunk(List<Point> points, List<Long> lines, RuntimeException end) {}

    /** The end of the input. */
    static final RuntimeException ENDED = new RuntimeException("the input has ended", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private static final int CHUNK_POINTS = 200;
    private static final int CHUNKS_AHEAD = 3;

    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
    private final LineReader reader;

    Input(LineReader reader) {
        this.reader = reader;
        Thread thread = new Thread(this::read, "kapacitor-udf-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** The next points; nothing if there are none within a time. */
    Optional<Chunk> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(chunks.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    private void read() {
        List<Point> points = new ArrayList<>();
        List<Long> lines = new ArrayList<>();
        RuntimeException end = null;
        try {
            while (end == null) {
                try {
                    if (reader.hasNext()) {
                        points.add(reader.next());
                        lines.add(reader.lines());
                    } else {
                        end = ENDED;
                    }
                } catch (RuntimeException e) {
                    end = e;
                } catch (OutOfMemoryError e) {
                    end = new IllegalStateException(e.toString(), e);
                }
                if (end != null || points.size() == CHUNK_POINTS || !reader.isReady()) {
                    chunks.put(new Chunk(points, lines, end));
                    points = new ArrayList<>();
                    lines = new ArrayList<>();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
