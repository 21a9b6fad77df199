package org.kapacitorudf.internal.line;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream of any length in InfluxDB's line protocol, point by point. Each point is returned as an encoded
 * protobuf message {@code agent.Point}.
 *
 * <pre>{@code
 * try (LineReader points = LineReader.of(Files.newInputStream(file)).precision(Precision.SECONDS)) {
 *     points.forEachRemaining(point -> ...);
 * }
 * }</pre>
 *
 * <p>The reader buffers all available input, and waits for further input only if a line is incomplete.
 *
 * <p>The syntax is that of InfluxDB 1.8. A backslash escapes a comma or a space in a measurement, a tag or a field key;
 * {@code =} in a tag or a field key; {@code "} in a field key; and {@code "} or a backslash in a string. Any other
 * backslash stands for itself. A string may contain line breaks. Comments ({@code #}) and empty lines are skipped. Tags
 * may be in any order, but each tag may occur only once. If a field is given twice, the last value is used. An empty
 * tag is rejected. Kapacitor has no unsigned ints: {@code 7u} is read as {@code 7i}, and is rejected if it is too
 * large. In addition, the reader accepts lines that end in CR LF. It also accepts {@code NaN}, {@code +Inf} and
 * {@code -Inf}, because functions may emit them and tests have to express them.
 *
 * <p>The reader also accepts exports from InfluxDB ({@code influx_inspect export}): lines between {@code # DDL} and
 * {@code # DML} are skipped, and {@code # CONTEXT-DATABASE:} and {@code # CONTEXT-RETENTION-POLICY:} apply to the
 * points that follow.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link LineProtocolException} with the position and what was expected; reading may continue with the next
 * line. {@link UncheckedIOException} when the stream cannot be read.
 */
public final class LineReader implements Iterator<byte[]>, Closeable {
    /** The default of {@link #maxLineBytes}: 1 MiB. */
    public static final int DEFAULT_MAX_LINE_BYTES = 1024 * 1024;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private Precision precision = Precision.NANOSECONDS;
    private LongSupplier clockNanos = () -> 0;
    private int maxLineBytes = DEFAULT_MAX_LINE_BYTES;

    private @Nullable LineParser parser;
    private byte[] buffer;
    private int start; // the start of the next line
    private int limit; // the end of the buffered input
    private boolean ended;
    private long line; // the number of the next line, counted from 0
    private byte @Nullable [] next;

    private Grouping grouping = Grouping.NONE;
    private boolean recording;
    private boolean inDdl;
    private String database = "";
    private String retentionPolicy = "";
    private byte[] refused = {};
    private boolean keeping;
    private byte[] kept = {};

    private LineReader(InputStream in, byte[] buffer) {
        this.in = Objects.requireNonNull(in, "in");
        this.buffer = buffer;
    }

    /** Reads a stream, in UTF-8. */
    public static LineReader of(InputStream in) {
        return new LineReader(in, new byte[BUFFER_BYTES]);
    }

    /**
     * Parses a measurement and its tags: {@code cpu,host=a}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static byte[] series(byte[] series) {
        try {
            return new LineParser(Precision.NANOSECONDS, () -> 0, Grouping.NONE).series(series);
        } catch (LineParser.Problem problem) {
            throw new IllegalArgumentException(
                    "series: " + problem.getMessage() + " in \"" + new String(series, StandardCharsets.UTF_8) + "\"");
        }
    }

    /** Creates a reader without a stream. It reads the text that is passed to {@link #input}. */
    public static LineReader ofRecords() {
        LineReader reader = new LineReader(InputStream.nullInputStream(), new byte[0]);
        reader.ended = true;
        return reader;
    }

    /**
     * Starts reading new text, which has its own line numbers. The rest of the previous text is discarded. Only for
     * readers that {@link #ofRecords} has created.
     *
     * @param text not modified, not copied, and read only until the next call
     */
    public void input(byte[] text, String ofDatabase, String ofRetentionPolicy) {
        buffer = text;
        start = 0;
        limit = text.length;
        line = 0;
        next = null;
        inDdl = false;
        context(ofDatabase, ofRetentionPolicy);
    }

    /** Sets the unit of times; nanoseconds by default. */
    public LineReader precision(Precision unit) {
        precision = Objects.requireNonNull(unit, "unit");
        return this;
    }

    /** Sets the clock for points without a time, in nanoseconds. By default, such points get the time 0. */
    public LineReader clock(LongSupplier nanos) {
        clockNanos = Objects.requireNonNull(nanos, "nanos");
        return this;
    }

    /** Sets how points are grouped; by default they are not grouped. */
    public LineReader groupBy(Grouping tags) {
        grouping = Objects.requireNonNull(tags, "tags");
        return this;
    }

    /**
     * Makes this reader accept the format of {@code kapacitor record} for streams. It has three lines for each point:
     * its database, its retention policy and the point itself.
     *
     * <pre>
     *   telegraf
     *   autogen
     *   cpu,host=a usage=1.5 1700000000000000000
     * </pre>
     */
    public LineReader ofRecording() {
        recording = true;
        return this;
    }

    /** Makes this reader keep the text of each point, for {@link #keptLine}. */
    public LineReader keepLines() {
        keeping = true;
        return this;
    }

    /**
     * Sets the maximum length of a line, or of a point with line breaks in strings; {@value #DEFAULT_MAX_LINE_BYTES}
     * bytes by default.
     */
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
    public byte[] next() {
        byte[] point = hasNext() ? next : null;
        if (point == null) {
            throw new NoSuchElementException("the end of the lines");
        }
        next = null;
        return point;
    }

    /** Returns the parser; creates it on first use, with the settings at that time. */
    private LineParser parser() {
        LineParser current = parser;
        if (current == null) {
            current = new LineParser(precision, clockNanos, grouping);
            parser = current;
        }
        return current;
    }

    /** Whether a complete line has been buffered, so that {@link #next} does not block. */
    public boolean isReady() {
        return next != null || lineEnd(start, limit) < limit;
    }

    /** The number of lines read. */
    public long lines() {
        return line;
    }

    /**
     * Returns the text of the last point that {@link #next} has returned, without its line break. Requires
     * {@link #keepLines}.
     */
    public byte[] keptLine() {
        return kept.clone();
    }

    /**
     * Returns the last rejected line, without its line break; empty if no line was rejected, or if the line was too
     * long.
     */
    public byte[] refusedLine() {
        return refused.clone();
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

    /** Reads the next line. Returns the point; null if the line contains no point. */
    private byte @Nullable [] line() {
        if (line == 0 && start == 0) {
            skipByteOrderMark();
        }
        LineParser reading = parser();
        if (recording && !recordedContext()) {
            return null;
        }
        int end = endOfLineFrom(start);
        int first = start;
        while (first < end && LineParser.isSpace(buffer[first])) {
            first++;
        }
        int shift = first - start;
        if (contentEnd(end) <= first) {
            skipTo(end);
            return null;
        }
        if (buffer[first] == '#') {
            comment(text(first + 1, contentEnd(end)));
            skipTo(end);
            return null;
        }
        if (inDdl) {
            skipTo(end);
            return null;
        }
        boolean isOneLine = true;
        while (true) {
            try {
                byte[] point = reading.point(buffer, start + shift, contentEnd(end));
                if (keeping) {
                    kept = Arrays.copyOfRange(buffer, start, contentEnd(end));
                }
                if (isOneLine) {
                    line++;
                    start = end;
                } else {
                    skipTo(end);
                }
                return point;
            } catch (LineParser.Problem problem) {
                int offset = problem.position() - start;
                int length = end - start;
                isOneLine = false;
                end = problem.isStringOpen() && endsWithLineBreak(end) ? endAfterString(end, offset) : -1;
                if (end < 0) {
                    throw failed(problem.getMessage(), offset, length);
                }
            }
        }
    }

    /**
     * Evaluates a comment: {@code DDL}, {@code DML}, {@code CONTEXT-DATABASE: telegraf} or
     * {@code CONTEXT-RETENTION-POLICY: autogen}; ignores any other.
     */
    private void comment(String comment) {
        switch (comment) {
            case "DDL" -> inDdl = true;
            case "DML" -> inDdl = false;
            default -> {
                Optional<String> newDatabase = after("CONTEXT-DATABASE:", comment);
                Optional<String> newPolicy = after("CONTEXT-RETENTION-POLICY:", comment);
                if (newDatabase.isPresent() || newPolicy.isPresent()) {
                    inDdl = false;
                    context(newDatabase.orElse(database), newPolicy.orElse(retentionPolicy));
                }
            }
        }
    }

    private static Optional<String> after(String beginning, String comment) {
        return comment.startsWith(beginning)
                ? Optional.of(comment.substring(beginning.length()).strip())
                : Optional.empty();
    }

    private void context(String newDatabase, String newRetentionPolicy) {
        if (!newDatabase.equals(database) || !newRetentionPolicy.equals(retentionPolicy)) {
            database = newDatabase;
            retentionPolicy = newRetentionPolicy;
            parser().context(database, retentionPolicy);
        }
    }

    /** Reads the two lines before a point. Returns false if no line follows them. */
    private boolean recordedContext() {
        String recordedDatabase = takenLine();
        String recordedPolicy = takenLine();
        context(recordedDatabase, recordedPolicy);
        return fill(start);
    }

    private String takenLine() {
        if (!fill(start)) {
            return "";
        }
        int end = endOfLineFrom(start);
        String text = text(start, contentEnd(end));
        skipTo(end);
        return text;
    }

    private String text(int from, int to) {
        return new String(buffer, from, to - from, StandardCharsets.UTF_8).strip();
    }

    /**
     * Finds the end of an open string, and returns the end of the line that contains it; -1 if the string does not end.
     * May move the contents of the buffer.
     *
     * @param from a position in the string
     * @param opening the offset of the opening quote from {@link #start}
     */
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

    /**
     * Buffers a whole line, and returns its end, including the line break. May move the contents of the buffer; only
     * positions relative to {@link #start} remain valid.
     */
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

    /** Returns the end of a line, without its line break. */
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

    /** Returns an exception with the line and column of a problem, and moves on to the next line. */
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
            // Continuation bytes of a character start with the bits 10.
            column += (buffer[i] & 0xC0) == 0x80 ? 0 : 1;
        }
        refused = Arrays.copyOfRange(buffer, start, contentEnd(start + length));
        skipTo(start + length);
        return new LineProtocolException(message, number, column);
    }

    private LineProtocolException tooLong(String expected) {
        refused = new byte[0];
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

    /**
     * Reads until the buffer contains a byte at a position; returns false at the end of the stream. May move the
     * contents of the buffer; {@link #start} and the position move with them.
     */
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
