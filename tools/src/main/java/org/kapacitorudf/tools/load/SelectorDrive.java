package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;

/**
 * One thread that writes to all sockets and one that reads from all, for many connections. Each ready connection gets
 * one read or a few writes per round.
 */
final class SelectorDrive extends Drive {
    private static final int READ_BYTES = 128 * 1024;
    private static final int SMALL_WRITES_PER_TURN = 64;
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Selector readable = Selector.open();
    private final int writesPerTurn;
    private int writing; // writing thread only

    SelectorDrive(List<LoadConnection> peers, boolean smallWrites) throws IOException {
        super(peers);
        writesPerTurn = smallWrites ? SMALL_WRITES_PER_TURN : 1;
        for (LoadConnection connection : peers) {
            connection.link().socket().configureBlocking(false);
            connection.link().socket().register(readable, SelectionKey.OP_READ, connection);
        }
        startThread(this::read, "load-reader");
    }

    @Override
    void startWriters() {
        startThread(this::write, "load-writer");
    }

    private void write() {
        try (Selector writable = Selector.open()) {
            for (LoadConnection connection : peers) {
                connection.link().socket().register(writable, SelectionKey.OP_WRITE, connection);
            }
            writing = peers.size();
            while (writing > 0 && !isClosed()) {
                writable.select(this::write, LOOK_AGAIN_MILLIS);
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void write(SelectionKey key) {
        LoadConnection connection = (LoadConnection) key.attachment();
        try {
            int writes = 0;
            while (connection.write(isStopping()) && ++writes < writesPerTurn) {
                // The next write continues while the socket's buffer has room.
            }
            if (connection.pump().isStopped()) {
                key.cancel();
                writing--;
            }
        } catch (IOException e) {
            key.cancel();
            writing--;
            failed(e);
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        try {
            while (true) {
                readable.select(key -> read(key, buffer));
            }
        } catch (ClosedSelectorException e) {
            // The drive was closed.
        } catch (IOException e) {
            failed(e);
        }
    }

    private void read(SelectionKey key, ByteBuffer buffer) {
        LoadConnection connection = (LoadConnection) key.attachment();
        try {
            if (!connection.read(buffer)) {
                key.cancel();
                outputEnded();
            }
        } catch (IOException e) {
            key.cancel();
            failed(e);
        }
    }

    @Override
    public void close() {
        super.close();
        try {
            readable.close();
        } catch (IOException e) {
            // It is closed nevertheless.
        }
    }
}
