package org.kapacitorudf;

import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;

/** Handlers for common needs. */
public final class Handlers {
    private Handlers() {}

    /**
     * A handler that collects each batch and gives it, complete, to another one.
     *
     * <p>Threading: that of every {@link Handler}. A batch that is not complete when the input ends is dropped.
     *
     * <p>Errors: a batch that takes more memory than {@link AgentConfig#maxCollectedBatchBytes} is a {@link UdfException}, once, and the rest of it is left out.
     */
    public static Handler batches(Context context, BatchHandler handler) {
        return new BatchCollector(handler, context.maxCollectedBatchBytes());
    }

    /**
     * As {@link #batches(Context, BatchHandler)}, for a function that gives a batch for each one. What it does not change, the new one has from the old one: joins in
     * Kapacitor count on the name, the tags and the time.
     */
    public static Handler batches(Context context, BatchFunction function) {
        return batches(context, (batch, output) -> {
            Batch result = function.apply(batch);
            if (result == null) {
                throw new UdfException("batch: null (expected: a batch; a BatchHandler need not give one)");
            }
            output.batch(result);
        });
    }
}
