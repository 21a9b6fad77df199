package org.kapacitorudf.server.call;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a named pipe. When the last writer has closed the pipe, a read waits for the next writer instead of returning
 * the end of the input.
 *
 * <p>Threading: one thread reads; it waits in the kernel and cannot be interrupted.
 */
public final class NamedPipe extends InputStream {
    private final Path path;
    private @Nullable FileInputStream in;

    /** Does not open the pipe, because that would wait for a writer. */
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
        // The reading thread may be waiting for a writer; it ends with the process.
    }
}
