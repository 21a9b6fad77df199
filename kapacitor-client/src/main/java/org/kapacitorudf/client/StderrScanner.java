package org.kapacitorudf.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads a child's STDERR line by line, like Kapacitor's scanner: after a line of 64 KiB, it stops reading permanently.
 * The child then blocks as soon as the pipe is full.
 *
 * <p>Threading: one thread.
 */
final class StderrScanner {
    /** The maximum length of a line, including its line break. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    private final InputStream stderr;
    private final Consumer<String> lines;
    private final byte[] buffer = new byte[MAX_LINE_BYTES];
    private int start;
    private int end;

    StderrScanner(InputStream stderr, Consumer<String> lines) {
        this.stderr = stderr;
        this.lines = lines;
    }

    /** Reads until the end of STDERR, and returns true. If a line is too long, stops reading, and returns false. */
    boolean run() {
        while (true) {
            int from = end;
            int read = read();
            if (read < 0) {
                if (start < end) {
                    line(start, end);
                }
                return true;
            }
            for (int i = from; i < end; i++) {
                if (buffer[i] == '\n') {
                    line(start, i);
                    start = i + 1;
                }
            }
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                end -= start;
                start = 0;
            }
            if (end == buffer.length) {
                return false;
            }
        }
    }

    private int read() {
        try {
            int read = stderr.read(buffer, end, buffer.length - end);
            end += Math.max(0, read);
            return read;
        } catch (IOException e) {
            return -1;
        }
    }

    private void line(int from, int to) {
        int length = to - from;
        if (length > 0 && buffer[to - 1] == '\r') {
            length--;
        }
        lines.accept(new String(buffer, from, length, StandardCharsets.UTF_8));
    }
}
