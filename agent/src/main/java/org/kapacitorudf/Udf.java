package org.kapacitorudf;

import org.kapacitorudf.errors.UdfException;

/**
 * A user-defined function: what it is, and how a handler for one node of one task is made.
 *
 * <p>{@link #describe} answers Kapacitor's question at its start, when no task exists; {@link #create} is called once for each node of each enabled task
 * that uses the function, with options that have been parsed and checked.
 *
 * <p>Threading: {@code describe} is called by any thread, and gives the same answer each time. {@code create} may be called by several threads at once,
 * for different nodes; it never runs on an event loop and may take its time: the task is kept alive meanwhile.
 *
 * <p>Errors: whatever {@code create} throws fails the start of the task. The message of a {@link UdfException} is what the task's owner reads.
 */
public interface Udf {
    /** Describes the function: name, edges, options. */
    Description describe();

    /** Makes the handler of one node of one task. */
    Handler create(Context context) throws Exception;
}
