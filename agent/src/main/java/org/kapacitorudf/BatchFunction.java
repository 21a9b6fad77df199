package org.kapacitorudf;

/**
 * A function that turns each batch into a new batch.
 *
 * <p>Use it as {@code return Handlers.batches(context, batch -> batch.withPoints(...))}.
 */
@FunctionalInterface
public interface BatchFunction {
    /**
     * Turns a complete batch into a new batch, which must not be null. Threading and errors are those of
     * {@link Handler#endBatch}.
     */
    Batch apply(Batch batch) throws Exception;
}
