package org.kapacitorudf.client;

import java.io.IOException;

/**
 * The two byte streams between Kapacitor and an agent.
 *
 * <p>Threading: one thread writes and ends the input, one thread reads; the rest is for any thread at any time.
 */
interface Transport {
    /** Writes all of a range with one call to the system if that takes all; blocks while the agent does not read. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Lets as little as the system can be on its way to the agent, where that can be chosen. */
    default void narrow() throws IOException {}

    /** Ends the agent's input: half-closes the socket, or closes the child's STDIN. */
    void endInput() throws IOException;

    /** Reads what is there, at least one byte; -1 at the end of the agent's output. */
    int read(byte[] buffer, int offset, int length) throws IOException;

    /** Nobody reads or writes any more: Kapacitor closes the socket then; a child it just waits for. */
    void release();

    /** The streams go as they do when kapacitord itself is gone: both at once, and a child lives on. */
    void drop();

    /** Closes the socket under the threads that use it, or kills the child. */
    void kill();
}
