package org.kapacitorudf;

import org.kapacitorudf.errors.FieldException;

/**
 * What is done when the time of a {@link Timer} has come.
 *
 * <p>Threading and errors are those of {@link Handler#point}: a call of the handler like any other, by the same threads, one at a time, with the same limit on
 * how long it may take. A {@link FieldException} skips this one call; of a timer that repeats, the next one comes all the same.
 */
@FunctionalInterface
public interface TimedCall {
    /** Does it. What is sent to {@code output} leaves at once. */
    void run(Output output) throws Exception;
}
