package org.kapacitorudf.server.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Writes text to another stream, and cuts lines that are too long.
 *
 * <p>Kapacitor reads a process UDF's STDERR with a scanner that stops permanently at a line of 64 KiB. The pipe then
 * fills up, and the next write to STDERR blocks forever. Therefore all logged and printed text passes through this
 * stream.
 *
 * <pre>
 *   limit 64, a line of 100 x     ->     xxxxxxxxxxxxxxxxxxxxxxxx... (76 more)
 * </pre>
 *
 * <p>The limit includes 40 bytes for the mark. The omitted part is counted in bytes, and UTF-8 characters are never
 * split.
 *
 * <p>Threading: safe for use by any thread. The data of one call stays contiguous.
 */
public final class LineLimit extends OutputStream {
    public static final int DEFAULT_BYTES = 8 * 1024;

    private static final int MARK_BYTES = 40;
    private static final int MIN_BYTES = 64;

    /** Half of Kapacitor's own limit of 64 KiB, which includes the prefix that Kapacitor adds. */
    static final int MAX_BYTES = 32 * 1024;

    private static final int MAX_CONTINUATION_BYTES = 3;

    private final OutputStream out;
    private int keptBytes;
    private int lineBytes;
    private long cutBytes;

    LineLimit(OutputStream out) {
        this.out = out;
        limit(DEFAULT_BYTES);
    }

    /**
     * Changes the limit.
     *
     * @param limitBytes the maximum length of a line, without its line feed
     */
    synchronized void limit(int limitBytes) {
        if (limitBytes < MIN_BYTES || limitBytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "maxLogLineBytes: " + limitBytes + " (expected: " + MIN_BYTES + " to " + MAX_BYTES + ")");
        }
        keptBytes = keptBytes(limitBytes);
    }

    /**
     * Returns the length up to which a line is not cut if the limit is {@code limitBytes}. The rest of the limit is
     * reserved for the mark.
     */
    public static int keptBytes(int limitBytes) {
        return limitBytes - MARK_BYTES;
    }

    @Override
    public synchronized void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (b == '\n') {
                if (cutBytes > 0) {
                    out.write(("... (" + cutBytes + " more)").getBytes(StandardCharsets.US_ASCII));
                    from = i;
                }
                lineBytes = 0;
                cutBytes = 0;
            } else if (cutBytes > 0) {
                cutBytes++;
            } else if (isFull(b)) {
                out.write(bytes, from, i - from);
                cutBytes = 1;
            } else {
                lineBytes++;
            }
        }
        if (cutBytes == 0) {
            out.write(bytes, from, offset + length - from);
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /**
     * Whether the line is too long for another byte. Continuation bytes {@code 10xxxxxx} have a limit that is higher by
     * three, because they complete the last UTF-8 character.
     */
    private boolean isFull(byte b) {
        boolean continuation = (b & 0xC0) == 0x80;
        return lineBytes >= (continuation ? keptBytes + MAX_CONTINUATION_BYTES : keptBytes);
    }
}
