package org.kapacitorudf.client;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Splits the agent's output into message bodies, as strictly as Kapacitor.
 *
 * <pre>
 *   AC 02 | 300 bytes | 00 | 05 | 5 bytes    ->    [300 bytes] [] [5 bytes]
 * </pre>
 *
 * <p>Threading: for use only by the reading thread.
 *
 * <p>Errors: throws an {@link IOException} where Kapacitor would end the task, and {@link DaemonDeath} where it would
 * panic.
 */
public final class FrameReader {
    /** The size of Kapacitor's read buffer. */
    public static final int KAPACITOR_BUFFER_BYTES = 4096;

    /** An allocation of this size or more fails in Kapacitor, and Go cannot recover from that. Measured with 2^40. */
    static final long FATAL_ALLOCATION_BYTES = 1L << 40;

    private static final int MAX_BODY_BYTES = Integer.MAX_VALUE - 8;
    private static final int FIRST_ALLOCATION_BYTES = 1 << 20;

    /** The source of the bytes. It may block without reading, for example while reading is paused. */
    public interface Source {
        int read(byte[] buffer, int offset, int length) throws IOException;
    }

    private final Source source;
    private final int maxBodyBytes;
    private final byte[] buffer;
    private final FrameHeader header = new FrameHeader();
    private int position;
    private int limit;

    private byte[] body = {};
    private int bodyOffset;
    private int bodyLength;

    public FrameReader(Source source, int bufferBytes) {
        this(source, bufferBytes, MAX_BODY_BYTES);
    }

    /** @param maxBodyBytes the maximum size of a body */
    FrameReader(Source source, int bufferBytes, int maxBodyBytes) {
        this.source = source;
        this.maxBodyBytes = maxBodyBytes;
        buffer = new byte[bufferBytes];
    }

    /** Reads the next frame; returns false at the end of the output. */
    public boolean next() throws IOException, DaemonDeath {
        if (position == limit && !fill()) {
            return false;
        }
        long length = length();
        // Kapacitor converts the length to a signed int, and allocates that many bytes at once.
        if (length < 0 || length >= FATAL_ALLOCATION_BYTES) {
            throw new DaemonDeath("frame length: " + Long.toUnsignedString(length) + " (expected: < 2^40)");
        }
        if (length > maxBodyBytes) {
            throw new IOException(
                    "frame length: " + length + " (expected: <= " + maxBodyBytes + ", the stand-in's own limit)");
        }
        bodyLength = (int) length;
        if (bodyLength <= limit - position) {
            body = buffer;
            bodyOffset = position;
            position += bodyLength;
        } else {
            body = large(bodyLength);
            bodyOffset = 0;
        }
        return true;
    }

    /**
     * The array that contains the current frame's body, which starts at {@link #bodyOffset()}. The contents are valid
     * until {@link #next} is called again.
     */
    public byte[] body() {
        return body;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyLength() {
        return bodyLength;
    }

    private long length() throws IOException {
        while (!header.read(buffer, position, limit)) {
            limit -= position;
            System.arraycopy(buffer, position, buffer, 0, limit);
            position = 0;
            int read = source.read(buffer, limit, buffer.length - limit);
            if (read <= 0) {
                throw new EOFException("unexpected EOF");
            }
            limit += read;
        }
        position += header.size();
        return header.length();
    }

    private byte[] large(int length) throws IOException {
        // The array grows with the data. Otherwise, a frame with a large length and little data would exhaust the
        // memory of the tests.
        byte[] large = new byte[Math.min(length, Math.max(FIRST_ALLOCATION_BYTES, limit - position))];
        int filled = limit - position;
        System.arraycopy(buffer, position, large, 0, filled);
        position = limit;
        while (filled < length) {
            if (filled == large.length) {
                large = Arrays.copyOf(large, (int) Math.min(length, 2L * large.length));
            }
            int read = source.read(large, filled, large.length - filled);
            if (read < 0) {
                throw new EOFException("unexpected EOF, expected " + length + " more bytes");
            }
            filled += read;
        }
        return large;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, source.read(buffer, 0, buffer.length));
        return limit > 0;
    }
}
