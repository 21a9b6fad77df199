package org.kapacitorudf;

import java.time.Instant;
import org.kapacitorudf.errors.FieldException;

/**
 * The action of a {@link Timer}.
 *
 * <p>Threading and errors are those of {@link Handler#point}: an ordinary call of the handler, by the same threads, one
 * at a time, with the same time limit. A {@link FieldException} skips this call only; a repeating timer continues.
 */
@FunctionalInterface
public interface TimedCall {
    /**
     * Does the work. What is sent to {@code output} leaves at once.
     *
     * @param time when the call was due: of {@link Context#at} the instant of event time that was given, of
     *     {@link Context#after} and {@link Context#every} a time of the wall clock. A call that had to wait gets the time
     *     at which it should have run, {@link Context#now} is later then.
     */
    void run(Instant time, Output output) throws Exception;
}
