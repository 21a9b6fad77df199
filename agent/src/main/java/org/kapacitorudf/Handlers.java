package org.kapacitorudf;

import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;

/** Factory methods for common handlers. */
public final class Handlers {
    private Handlers() {}

    /**
     * Returns a handler that collects each batch and passes it to {@code handler} when it is complete. A batch that is
     * incomplete when the input ends is dropped.
     *
     * <p>Threading: the same as for {@link Handler}.
     *
     * <p>Errors: a batch that takes more memory than {@link AgentConfig#maxCollectedBatchBytes} causes one
     * {@link UdfException}; the rest of the batch is ignored.
     */
    public static Handler batches(Context context, BatchHandler handler) {
        return new BatchCollector(handler, context.maxCollectedBatchBytes());
    }

    /**
     * Like {@link #batches(Context, BatchHandler)}, for a function that returns a new batch for each batch. The new
     * batch keeps the name, the tags and the time unless the function changes them: joins in Kapacitor depend on these.
     */
    public static Handler batches(Context context, BatchFunction function) {
        return batches(context, (batch, output) -> {
            Batch result = function.apply(batch);
            if (result == null) {
                throw new UdfException("batch: null (expected: a batch; use a BatchHandler to emit none)");
            }
            output.batch(result);
        });
    }
}
