package org.kapacitorudf.server.telegraf;

import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineProtocolException;
import org.kapacitorudf.internal.line.LineReader;

/**
 * Reads Telegraf's metrics in a separate thread.
 *
 * <p>Threading: one thread calls {@link #next}; any thread may call {@link #stop}.
 */
final class MetricInput {
    /**
     * A metric, or an invalid line.
     *
     * @param line the line as read
     * @param point null if the line is not a point
     * @param problem what is wrong with an invalid line; null if the line is a point
     */
    record Metric(
            byte[] line, @Nullable Point point, @Nullable String problem) {}

    /** @param isLast whether the input ends with this chunk */
    record Chunk(List<Metric> metrics, boolean isLast) {}

    private static final int CHUNK_METRICS = 1_000;
    private static final int CHUNKS_AHEAD = 3;
    private static final byte[] UNKNOWN = {};

    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
    private final LineReader lines;
    private volatile boolean stopped;

    MetricInput(InputStream in, Grouping grouping, int maxLineBytes, LongSupplier clockNanos) {
        lines = LineReader.of(in)
                .groupBy(grouping)
                .maxLineBytes(maxLineBytes)
                .clock(clockNanos)
                .keepLines();
        Thread thread = new Thread(this::read, "kapacitor-udf-metrics");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the next chunk; empty if none arrives within the time limit. */
    Optional<Chunk> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(chunks.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** Stops reading. {@link #next} still returns the metrics that have already been read. */
    void stop() {
        stopped = true;
    }

    private void read() {
        List<Metric> metrics = new ArrayList<>();
        try {
            for (boolean isLast = false; !isLast; ) {
                isLast = stopped;
                try {
                    if (lines.hasNext()) {
                        byte[] point = lines.next();
                        metrics.add(new Metric(lines.keptLine(), Point.decode(point), null));
                    } else {
                        isLast = true;
                    }
                } catch (LineProtocolException e) {
                    metrics.add(new Metric(lines.refusedLine(), null, e.getMessage()));
                } catch (RuntimeException | OutOfMemoryError e) {
                    metrics.add(new Metric(UNKNOWN, null, "STDIN: " + e));
                    isLast = true;
                }
                if (isLast || metrics.size() >= CHUNK_METRICS || !lines.isReady()) {
                    chunks.put(new Chunk(metrics, isLast));
                    metrics = new ArrayList<>();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
