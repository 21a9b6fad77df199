package org.kapacitorudf.embed;

import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;

/**
 * Receives the events of a server's connections: for each connection {@code opened}, then {@code started} if Init
 * succeeds, then {@code ended}.
 *
 * <p>When a server is closed, no events are sent for connections that outlive the grace period.
 *
 * <p>Threading: called on worker threads, in order and one at a time for each connection. An implementation must be
 * safe for use by any thread. While a call blocks, its connection does not end; other connections are not affected.
 *
 * <p>Errors: exceptions are logged and otherwise ignored.
 */
public interface ConnectionListener {
    /** Kapacitor has connected. The task is not known yet. */
    default void opened(Connection connection) {}

    /** The handler has been created. Task and node are known. */
    default void started(Connection connection) {}

    /** The connection has ended, whether or not it was started. Its values no longer change. */
    default void ended(Connection connection, Ending ending) {}

    /** A connection was closed immediately because there were too many. */
    default void refused(String function) {}
}
