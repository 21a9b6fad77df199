package org.kapacitorudf;

/**
 * A function that turns each batch into a new batch.
 *
 * <p>Use it as {@code return Handlers.batches(context, batch -> batch.withPoints(...))}.
 */
@FunctionalInterface
public interface BatchFunction {
    /**
     * Returns a new batch for a complete batch; never null. Threading and errors are those of {@link Handler#endBatch}.
     */
    Batch apply(Batch batch) throws Exception;
}
