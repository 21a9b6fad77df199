package org.kapacitorudf.testkit.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Two threads for each connection, one that writes and one that reads: the cheapest way to load a few. */
final class ThreadDrive extends Drive {
    private static final int READ_BYTES = 256 * 1024;

    ThreadDrive(List<Peer> peers) {
        super(peers);
        for (Peer peer : peers) {
            startThread(() -> read(peer), "load-reader");
        }
    }

    @Override
    void startWriters() {
        for (Peer peer : peers) {
            startThread(() -> write(peer), "load-writer");
        }
    }

    private void write(Peer peer) {
        try {
            while (!peer.pump().isStopped()) {
                peer.write(isStopping());
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void read(Peer peer) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        try {
            while (peer.read(buffer)) {
                // Counted.
            }
            outputEnded();
        } catch (IOException e) {
            failed(e);
        }
    }
}
