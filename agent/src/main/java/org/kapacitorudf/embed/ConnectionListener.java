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
    /** Called when Kapacitor has connected. The task is not known yet. */
    default void opened(Connection connection) {}

    /** Called when the handler has been created. Task and node are known. */
    default void started(Connection connection) {}

    /** Called when the connection has ended, whether or not its handler was created. Its values no longer change. */
    default void ended(Connection connection, Ending ending) {}

    /** Called when a new connection was closed immediately because there were too many connections. */
    default void refused(String function) {}
}
