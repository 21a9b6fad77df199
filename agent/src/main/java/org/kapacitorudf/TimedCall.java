package org.kapacitorudf;

import java.time.Instant;
import org.kapacitorudf.errors.FieldException;

/**
 * The action of a {@link Timer}.
 *
 * <p>Threading and errors are those of {@link Handler#point}: the action runs as an ordinary call of the handler, with
 * the same time limit. A {@link FieldException} skips this call only; a repeating timer continues.
 */
@FunctionalInterface
public interface TimedCall {
    /**
     * Called when the timer is due. Data that is sent to {@code output} leaves immediately.
     *
     * @param time the time at which the call was due: for {@link Context#at} the given instant of event time, for
     *     {@link Context#after} and {@link Context#every} a wall-clock time. If the call is late, {@link Context#now}
     *     is later.
     */
    void run(Instant time, Output output) throws Exception;
}
