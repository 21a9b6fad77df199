package org.kapacitorudf.testkit.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;

/**
 * One thread that writes to all sockets and one that reads from all: for many connections. Each that is ready has its turn
 * in each round, for one read or a few writes.
 */
final class SelectorDrive extends Drive {
    private static final int READ_BYTES = 128 * 1024;
    private static final int SMALL_WRITES_PER_TURN = 64;
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Selector readable = Selector.open();
    private final int writesPerTurn;
    private int writing; // writing thread only

    SelectorDrive(List<Peer> peers, boolean smallWrites) throws IOException {
        super(peers);
        writesPerTurn = smallWrites ? SMALL_WRITES_PER_TURN : 1;
        for (Peer peer : peers) {
            peer.link().socket().configureBlocking(false);
            peer.link().socket().register(readable, SelectionKey.OP_READ, peer);
        }
        startThread(this::read, "load-reader");
    }

    @Override
    void startWriters() {
        startThread(this::write, "load-writer");
    }

    private void write() {
        try (Selector writable = Selector.open()) {
            for (Peer peer : peers) {
                peer.link().socket().register(writable, SelectionKey.OP_WRITE, peer);
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
        Peer peer = (Peer) key.attachment();
        try {
            int writes = 0;
            while (peer.write(isStopping()) && ++writes < writesPerTurn) {
                // More has room.
            }
            if (peer.pump().isStopped()) {
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
            // Closed.
        } catch (IOException e) {
            failed(e);
        }
    }

    private void read(SelectionKey key, ByteBuffer buffer) {
        Peer peer = (Peer) key.attachment();
        try {
            if (!peer.read(buffer)) {
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
            // It is closed all the same.
        }
    }
}
