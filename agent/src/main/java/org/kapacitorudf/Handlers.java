package org.kapacitorudf;

/** Handlers for common needs. */
public final class Handlers {
    /** What {@link #batches(BatchHandler)} collects for one batch at most: 128 MiB. */
    public static final long DEFAULT_BATCH_BYTES = 128L << 20;

    private Handlers() {}

    /** A handler that collects each batch and gives it, complete, to another one. A batch may take {@link #DEFAULT_BATCH_BYTES}. */
    public static Handler batches(BatchHandler handler) {
        return batches(handler, DEFAULT_BATCH_BYTES);
    }

    /**
     * A handler that collects each batch and gives it, complete, to another one.
     *
     * <p>Threading: that of every {@link Handler}. A batch that is not complete when the input ends is dropped.
     *
     * <p>Errors: a batch that takes more memory than the limit is a {@link UdfException}, and so are messages that come in another order than begin, points, end.
     *
     * @param maxBytes the limit for one batch: its points' encodings, and about 70 bytes more for each
     */
    public static Handler batches(BatchHandler handler, long maxBytes) {
        return new BatchCollector(handler, maxBytes);
    }
}
