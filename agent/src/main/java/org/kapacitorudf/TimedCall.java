package org.kapacitorudf;

import java.time.Instant;
import org.kapacitorudf.errors.FieldException;

/**
 * What is done when the time of a {@link Timer} has come.
 *
 * <p>Threading and errors are those of {@link Handler#point}: a call of the handler like any other, by the same threads, one at a time, with the same limit on
 * how long it may take. A {@link FieldException} skips this one call; of a timer that repeats, the next one comes all the same.
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
