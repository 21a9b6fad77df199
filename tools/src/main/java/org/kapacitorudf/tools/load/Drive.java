package org.kapacitorudf.tools.load;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that write to connections and read from them.
 *
 * <p>Threading: the methods are called by one thread.
 */
abstract sealed class Drive implements Closeable permits ThreadDrive, SelectorDrive {
    final List<LoadConnection> peers;
    private final AtomicInteger ended = new AtomicInteger();
    private volatile boolean stopping;
    private volatile boolean endingInput;
    private volatile boolean closed;
    private volatile @Nullable IOException failure;

    Drive(List<LoadConnection> peers) {
        this.peers = peers;
    }

    /** Starts writing on all connections. */
    final void startWriting() {
        stopping = false;
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).pump().start((i + 1.0) / peers.size());
        }
        startWriters();
    }

    abstract void startWriters();

    /** Makes all connections stop writing at their next {@linkplain Traffic#isStop stop}. */
    final void stopWriting() {
        stopping = true;
    }

    final boolean isStopping() {
        return stopping;
    }

    /** Ends the agent's input on all connections. All connections must already have stopped writing. */
    final void endInputs() {
        endingInput = true;
        for (LoadConnection connection : peers) {
            try {
                connection.link().endInput();
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    /** Whether the agent has ended its output on all connections. */
    final boolean hasEnded() {
        return ended.get() == peers.size();
    }

    /** The failure of a connection, if there is one. */
    final Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    final void failed(IOException what) {
        if (failure == null && !closed) {
            failure = what;
        }
    }

    final boolean isClosed() {
        return closed;
    }

    final void outputEnded() {
        if (!endingInput) {
            failed(new IOException("the agent ended its output"));
        }
        ended.incrementAndGet();
    }

    /** Makes the threads end; a thread that waits for a connection ends when the connection is closed. */
    @Override
    public void close() {
        closed = true;
        stopping = true;
    }

    static void startThread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
