package org.kapacitorudf;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.line.LineWriter;

/**
 * Collects the points between the beginning and the end of a batch.
 *
 * <p>If a batch is too large, one exception is thrown. The rest of the batch is dropped without further exceptions,
 * because the failure policy may let the task continue. A begin within a batch starts over, because the end of a batch
 * does not arrive if the begin failed in a handler that wraps this one.
 */
final class BatchCollector implements Handler {
    /**
     * The memory that a point takes in addition to its encoding: the object, the array header, the rest of the point's
     * frame, and a slot in the list.
     */
    private static final int BYTES_PER_POINT = 70;

    private final BatchHandler handler;
    private final long maxBytes;
    private @Nullable BatchBegin begin;
    private List<Point> points = new ArrayList<>();
    private long collectedBytes;
    private boolean isTooLarge;

    BatchCollector(BatchHandler handler, long maxBytes) {
        this.handler = Objects.requireNonNull(handler, "handler");
        this.maxBytes = maxBytes;
    }

    /** The number of points collected so far. */
    int collected() {
        return points.size();
    }

    @Override
    public void beginBatch(BatchBegin next, Output output) {
        begin = next;
        points = new ArrayList<>();
        collectedBytes = 0;
        isTooLarge = false;
    }

    @Override
    public void point(Point point, Output output) {
        if (begin == null) {
            throw new UdfException("point: outside a batch (expected: the begin of a batch)");
        }
        if (isTooLarge) {
            return;
        }
        collectedBytes += point.encodedSize() + BYTES_PER_POINT;
        if (collectedBytes > maxBytes) {
            int count = points.size() + 1;
            isTooLarge = true;
            points = new ArrayList<>();
            throw new UdfException("batch " + LineWriter.series(begin.name(), begin.tags()) + ": " + collectedBytes
                    + " bytes in " + count + " points (expected: <= " + maxBytes + ", maxCollectedBatchBytes)");
        }
        points.add(point);
    }

    @Override
    public void endBatch(BatchEnd end, Output output) throws Exception {
        if (begin == null) {
            throw new UdfException("end: outside a batch (expected: the begin of a batch)");
        }
        Batch batch = Batch.of(begin, points, end);
        begin = null;
        points = new ArrayList<>();
        if (!isTooLarge) {
            handler.batch(batch, output);
        }
    }
}
