package org.kapacitorudf;

/**
 * Handles whole batches as values.
 *
 * <p>Use it as {@code return Handlers.batches(context, (batch, output) -> output.point(batch.summary(...)))}.
 */
@FunctionalInterface
public interface BatchHandler {
    /** Handles one complete batch. Threading and errors are those of {@link Handler#endBatch}. */
    void batch(Batch batch, Output output) throws Exception;
}
