package org.kapacitorudf.embed;

import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;

/**
 * Hears what becomes of a server's connections. Of each it is told {@code opened}, then {@code started} if Init succeeds, then {@code ended}.
 *
 * <p>When a server is closed and its grace period is over, connections that have not ended by then are not heard of any more.
 *
 * <p>Threading: called on worker threads, for one connection in order and one at a time: an implementation has to be
 * safe for any thread. While it waits, the connection is not ended, and no other is affected.
 *
 * <p>Errors: what is thrown is logged, and nothing else comes of it.
 */
public interface ConnectionListener {
    /** Kapacitor has connected; nothing is known of the task yet. */
    default void opened(Connection connection) {}

    /** The handler exists, and task and node are known. */
    default void started(Connection connection) {}

    /** It is over, started or not. What the connection shows stays as it is now. */
    default void ended(Connection connection, Ending ending) {}

    /** A connection was closed as soon as it came: there were too many. */
    default void refused(String function) {}
}
