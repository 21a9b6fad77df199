package org.kapacitorudf.server.call;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Reads a file that is still being written: at the end of the file, a read waits for more data. If the file is
 * truncated, it is read from the beginning. If the file is replaced by another one with the same path, the rest of the
 * old file is read, and then the new file.
 *
 * <p>Threading: one thread reads.
 */
public final class GrowingFile extends InputStream {
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Path path;
    private FileChannel channel;
    private Object key;

    public GrowingFile(Path path) throws IOException {
        this.path = path;
        open();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (true) {
            // Checked before the read: once another file has replaced this one, nothing is added to it.
            boolean replaced = isReplaced();
            int count = channel.read(ByteBuffer.wrap(buffer, offset, length));
            if (count >= 0) {
                return count;
            }
            if (channel.size() < channel.position()) {
                channel.position(0);
            } else if (replaced) {
                channel.close();
                open();
            } else {
                pause();
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void open() throws IOException {
        channel = FileChannel.open(path);
        key = key();
    }

    private boolean isReplaced() throws IOException {
        try {
            return !Objects.equals(key, key());
        } catch (NoSuchFileException e) {
            // A log rotation has renamed the file and not created the new one yet.
            return false;
        }
    }

    private Object key() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for more", e);
        }
    }
}
