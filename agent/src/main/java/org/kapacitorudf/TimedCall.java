package org.kapacitorudf;

import org.kapacitorudf.errors.FieldException;

/**
 * The action of a {@link Timer}.
 *
 * <p>Threading and errors are those of {@link Handler#point}: an ordinary call of the handler, by the same threads, one
 * at a time, with the same time limit. A {@link FieldException} skips this call only; a repeating timer continues.
 */
@FunctionalInterface
public interface TimedCall {
    /** Called when the timer is due. Data that is sent to {@code output} leaves at once. */
    void run(Output output) throws Exception;
}
