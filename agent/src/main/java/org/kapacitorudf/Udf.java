package org.kapacitorudf;

import org.kapacitorudf.errors.UdfException;

/**
 * A user-defined function. It describes itself and creates a handler for each node that uses it.
 *
 * <p>{@link #describe} answers Kapacitor's Info request at startup, before any task exists. {@link #create} is called
 * once for each node of each enabled task that uses the function, with parsed and checked options.
 *
 * <p>Threading: {@code describe} may be called by any thread and must always return the same description.
 * {@code create} may be called by several threads at once, for different nodes. It never runs on an event loop and may
 * take its time: the agent keeps the task alive while it runs.
 *
 * <p>Errors: an exception from {@code create} makes the task fail to start. The message of a {@link UdfException} is
 * shown to the task's owner.
 */
public interface Udf {
    /** Describes the function: name, edges and options. */
    Description describe();

    /** Creates the handler for one node of one task. */
    Handler create(Context context) throws Exception;
}
