package org.kapacitorudf.server.call;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * A named pipe whose writers come and go: when the last one has closed it, this waits for the next one.
 *
 * <p>Threading: one thread reads; it waits in the kernel, where nothing interrupts it.
 */
public final class NamedPipe extends InputStream {
    private final Path path;
    private FileInputStream in;

    /** Opens nothing yet: that would wait for a writer. */
    public NamedPipe(Path path) {
        this.path = path;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (true) {
            if (in == null) {
                in = new FileInputStream(path.toFile());
            }
            int count = in.read(buffer, offset, length);
            if (count >= 0) {
                return count;
            }
            in.close();
            in = null;
        }
    }

    @Override
    public void close() {
        // The thread that reads may be waiting for a writer, and the process ends with it.
    }
}
