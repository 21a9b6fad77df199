package org.kapacitorudf;

/**
 * Makes a batch of each batch.
 *
 * <p>Use it as {@code return Handlers.batches(context, batch -> batch.withPoints(...))}.
 */
@FunctionalInterface
public interface BatchFunction {
    /** Takes one batch, complete, and gives another one, never null. Threading and errors are those of {@link Handler#endBatch}. */
    Batch apply(Batch batch) throws Exception;
}
