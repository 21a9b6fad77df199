package org.kapacitorudf.internal.host;

import org.kapacitorudf.Batch;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.OutputException;
import org.kapacitorudf.internal.wire.BatchMessages;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Checks that a function emits what it provides, points or batches, and that messages and batches are not too large.
 *
 * <p>Threading: immutable, safe for use by any thread.
 *
 * <p>Errors: {@link OutputException} if a check fails.
 */
public record OutputLimits(EdgeType provides, int maxFrameBytes, int maxBatchBytes) {
    private static final int TAG_BYTES = 2;

    public static OutputLimits of(Description description, AgentConfig config) {
        return new OutputLimits(description.provides(), config.maxFrameBytes(), config.maxBatchBytes());
    }

    public void checkKind(EdgeType sent) {
        if (sent != provides) {
            throw new OutputException("output: " + (sent == EdgeType.BATCH ? "a batch" : "a point") + " (expected: "
                    + (provides == EdgeType.BATCH ? "batches" : "points")
                    + ", because the function's description declares that it provides them)");
        }
    }

    /** Checks a point; returns the size of its frame in bytes. */
    public int checkedSize(Point point) {
        return checked(frameBytes(point.encodedSize()));
    }

    /** Checks a batch with all its points; returns the size of its frames in bytes. */
    int checkedSize(Batch batch) {
        byte[] begin = BatchMessages.begin(
                batch.name(), batch.group(), batch.tags(), batch.points().size(), batch.byName());
        byte[] end = BatchMessages.end(batch.name(), batch.group(), batch.tmaxNanos(), batch.tags());
        return checkedSize(batch, frameBytes(begin.length), frameBytes(end.length));
    }

    /**
     * Checks a batch whose first and last frames have already been encoded; returns the size of all its frames in
     * bytes.
     */
    public int checkedSize(Batch batch, int beginFrameBytes, int endFrameBytes) {
        long bytes = checked(beginFrameBytes) + checked(endFrameBytes);
        for (Point point : batch.points()) {
            bytes += checkedSize(point);
        }
        if (bytes > maxBatchBytes) {
            throw new OutputException("batch: " + bytes + " bytes, "
                    + batch.points().size() + " points (expected: <= " + maxBatchBytes + " bytes)");
        }
        return (int) bytes;
    }

    private static int frameBytes(int bodyBytes) {
        return Wire.delimitedSize(TAG_BYTES + Wire.delimitedSize(bodyBytes));
    }

    /**
     * Checks the size of a frame, and returns it. As for input, the limit applies to the message, which is the frame
     * without its length.
     */
    private int checked(int frameBytes) {
        if (frameBytes > maxFrameBytes + Wire.varintSize(maxFrameBytes)) {
            int message = frameBytes - 1;
            while (Wire.delimitedSize(message) > frameBytes) {
                message--;
            }
            throw new OutputException("message: " + message + " bytes (expected: <= " + maxFrameBytes + ")");
        }
        return frameBytes;
    }
}
