package org.kapacitorudf.client;

import java.io.IOException;

/**
 * The two byte streams between Kapacitor and an agent.
 *
 * <p>Threading: one thread writes and ends the input, one thread reads; everything else is safe for use by any thread
 * at any time.
 */
interface Transport {
    /** Writes a range of bytes, with one system call if possible. Blocks while the agent does not read. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Reduces buffering towards the agent to the minimum, where possible. */
    default void narrow() throws IOException {}

    /** Ends the agent's input: half-closes the socket, or closes the child's STDIN. */
    void endInput() throws IOException;

    /**
     * Waits for at least one byte, and reads the available bytes. Returns their number, or -1 at the end of the agent's
     * output.
     */
    int read(byte[] buffer, int offset, int length) throws IOException;

    /**
     * Called when reading and writing have ended. Closes a socket; does nothing for a child, because Kapacitor keeps
     * the pipes open until the child has exited.
     */
    void release();

    /** Closes both streams at once, as if kapacitord had been killed; a child is not killed. */
    void drop();

    /** Closes the socket, even while threads use it, or kills the child. */
    void kill();
}
