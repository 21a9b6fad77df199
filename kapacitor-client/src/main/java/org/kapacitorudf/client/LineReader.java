package org.kapacitorudf.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.kapacitorudf.proto.Point;

/**
 * Reads {@linkplain LineProtocol line protocol} point by point, however much there is of it.
 *
 * <pre>{@code
 * try (LineReader points = LineReader.of(Files.newInputStream(file)).precision(Precision.SECONDS)) {
 *     points.forEachRemaining(point -> ...);
 * }
 * }</pre>
 *
 * <p>It reads as much as is there in one go, and waits only for the end of a line that has not come yet.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link LineProtocolException} says what was expected where in which line; after that it reads on with the next
 * line. {@link UncheckedIOException} when the stream cannot be read.
 */
public final class LineReader implements Iterator<Point>, Closeable {
    /** The longest line unless {@link #maxLineBytes} says otherwise: 1 MiB. */
    public static final int DEFAULT_MAX_LINE_BYTES = 1024 * 1024;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private Precision precision = Precision.NANOSECONDS;
    private LongSupplier clockNanos = () -> 0;
    private int maxLineBytes = DEFAULT_MAX_LINE_BYTES;

    private LineParser parser;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int start; // of the next line
    private int limit; // of what has been read
    private boolean ended;
    private long line; // the number of the next line, from 0
    private Point next;

    private LineReader(InputStream in) {
        this.in = Objects.requireNonNull(in, "in");
    }

    /** Reads a stream, in UTF-8. */
    public static LineReader of(InputStream in) {
        return new LineReader(in);
    }

    /** The unit of the times; nanoseconds if not set. */
    public LineReader precision(Precision unit) {
        precision = Objects.requireNonNull(unit, "unit");
        return this;
    }

    /** Gives the time of a point that has none, in nanoseconds; 0 if not set. */
    public LineReader clock(LongSupplier nanos) {
        clockNanos = Objects.requireNonNull(nanos, "nanos");
        return this;
    }

    /** How long a line may be, or a point with line breaks in its strings; {@value #DEFAULT_MAX_LINE_BYTES} bytes if not set. */
    public LineReader maxLineBytes(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 1)");
        }
        maxLineBytes = bytes;
        return this;
    }

    @Override
    public boolean hasNext() {
        while (next == null && fill(start)) {
            next = line();
        }
        return next != null;
    }

    @Override
    public Point next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the end of the lines");
        }
        Point point = next;
        next = null;
        return point;
    }

    /** Whether a whole line has been read ahead, so that {@link #next} does not wait. */
    public boolean isReady() {
        return next != null || lineEnd(start, limit) < limit;
    }

    /** How many lines have been read. */
    public long lines() {
        return line;
    }

    int bufferBytes() {
        return buffer.length;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the next line; null if there is no point in it. */
    private Point line() {
        if (parser == null) {
            parser = new LineParser(precision, clockNanos);
            skipByteOrderMark();
        }
        int end = endOfLineFrom(start);
        int first = start;
        while (first < end && LineParser.isSpace(buffer[first])) {
            first++;
        }
        int shift = first - start;
        if (contentEnd(end) <= first || buffer[first] == '#') {
            skipTo(end);
            return null;
        }
        while (true) {
            try {
                Point point = parser.point(buffer, start + shift, contentEnd(end));
                skipTo(end);
                return point;
            } catch (LineParser.Problem problem) {
                int offset = problem.position() - start;
                int length = end - start;
                end = problem.isStringOpen() && endsWithLineBreak(end) ? endAfterString(end, offset) : -1;
                if (end < 0) {
                    throw failed(problem.getMessage(), offset, length);
                }
            }
        }
    }

    /** The end of the line in which the string ends that is open at {@code from}; -1 if it never does. May move the buffer. */
    private int endAfterString(int from, int opening) {
        int at = from - start;
        while (fill(start + at)) {
            byte b = buffer[start + at];
            if (b == '"') {
                return endOfLineFrom(start + at);
            }
            at += b == '\\' ? 2 : 1;
            if (at > maxLineBytes) {
                throw tooLong("\", which closes the string of line " + (line + 1 + lineBreaks(start, start + opening)));
            }
        }
        return -1;
    }

    /** The end of a line, behind its line break if it has one, with all of it in the buffer. Moves the buffer: positions count from {@link #start}. */
    private int endOfLineFrom(int from) {
        int at = from - start;
        while (true) {
            int end = lineEnd(start + at, limit);
            if (end - start > maxLineBytes) {
                throw tooLong("a line break");
            }
            if (end < limit) {
                return end + 1;
            }
            at = limit - start;
            if (!fill(limit)) {
                return limit;
            }
        }
    }

    /** Without the line break. */
    private int contentEnd(int end) {
        int content = endsWithLineBreak(end) ? end - 1 : end;
        return content > start && buffer[content - 1] == '\r' ? content - 1 : content;
    }

    private boolean endsWithLineBreak(int end) {
        return end > start && buffer[end - 1] == '\n';
    }

    private int lineEnd(int from, int to) {
        int at = from;
        while (at < to && buffer[at] != '\n') {
            at++;
        }
        return at;
    }

    private int lineBreaks(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += buffer[i] == '\n' ? 1 : 0;
        }
        return count;
    }

    private void skipTo(int end) {
        line += lineBreaks(start, end) + (endsWithLineBreak(end) ? 0 : 1);
        start = end;
    }

    private void skipByteOrderMark() {
        fill(start + BYTE_ORDER_MARK.length - 1);
        if (Arrays.equals(
                buffer,
                start,
                Math.min(limit, start + BYTE_ORDER_MARK.length),
                BYTE_ORDER_MARK,
                0,
                BYTE_ORDER_MARK.length)) {
            start += BYTE_ORDER_MARK.length;
        }
    }

    /** The line in which a problem is, and where in it; the next one to be read is behind it. */
    private LineProtocolException failed(String message, int offset, int length) {
        int lineStart = start;
        long number = line + 1;
        int position = start + offset;
        for (int i = start; i < position; i++) {
            if (buffer[i] == '\n') {
                number++;
                lineStart = i + 1;
            }
        }
        int column = 1;
        for (int i = lineStart; i < position; i++) {
            // The bytes behind the first one of a character begin with 10.
            column += (buffer[i] & 0xC0) == 0x80 ? 0 : 1;
        }
        skipTo(start + length);
        return new LineProtocolException(message, number, column);
    }

    private LineProtocolException tooLong(String expected) {
        long number = line + 1;
        skipLine();
        return new LineProtocolException(
                "more than " + maxLineBytes + " bytes (expected: " + expected + ")", number, 1);
    }

    private void skipLine() {
        while (fill(start)) {
            int end = lineEnd(start, limit);
            boolean found = end < limit;
            start = found ? end + 1 : end;
            if (found) {
                break;
            }
        }
        line++;
    }

    /** Reads on until there is a byte at a position, which may move with {@link #start}; false at the end of the stream. */
    private boolean fill(int position) {
        int at = position - start;
        while (start + at >= limit) {
            if (ended) {
                return false;
            }
            if (limit == buffer.length) {
                makeRoom();
            }
            try {
                int count = in.read(buffer, limit, buffer.length - limit);
                ended = count < 0;
                limit += Math.max(0, count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return true;
    }

    private void makeRoom() {
        byte[] larger = start > buffer.length / 2 ? buffer : new byte[2 * buffer.length];
        System.arraycopy(buffer, start, larger, 0, limit - start);
        buffer = larger;
        limit -= start;
        start = 0;
    }
}
