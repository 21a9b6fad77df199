package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Two threads per connection, one that writes and one that reads: the cheapest way to load a few connections. */
final class ThreadDrive extends Drive {
    private static final int READ_BYTES = 256 * 1024;

    ThreadDrive(List<LoadConnection> peers) {
        super(peers);
        for (LoadConnection connection : peers) {
            startThread(() -> read(connection), "load-reader");
        }
    }

    @Override
    void startWriters() {
        for (LoadConnection connection : peers) {
            startThread(() -> write(connection), "load-writer");
        }
    }

    private void write(LoadConnection connection) {
        try {
            while (!connection.pump().isStopped()) {
                connection.write(isStopping());
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void read(LoadConnection connection) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        try {
            while (connection.read(buffer)) {
                // The responses are counted by read.
            }
            outputEnded();
        } catch (IOException e) {
            failed(e);
        }
    }
}
