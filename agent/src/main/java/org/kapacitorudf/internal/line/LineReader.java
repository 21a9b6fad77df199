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

/**
 * Reads InfluxDB's line protocol point by point, however much there is of it. A point is its encoding as the protobuf message {@code agent.Point}.
 *
 * <pre>{@code
 * try (LineReader points = LineReader.of(Files.newInputStream(file)).precision(Precision.SECONDS)) {
 *     points.forEachRemaining(point -> ...);
 * }
 * }</pre>
 *
 * <p>It reads as much as is there in one go, and waits only for the end of a line that has not come yet.
 *
 * <p>What is read is what InfluxDB 1.8 reads: a backslash escapes a comma and a space in a name, also {@code =} in a
 * tag or a field's key, also {@code "} in a field's key, and {@code "} and a backslash in a string; any other backslash
 * stands for itself. A string may hold line breaks. Comments ({@code #}) and empty lines are skipped; tags may come in any
 * order, but each key once; of a field that is given twice the last one counts; an empty tag is refused. Kapacitor has no
 * unsigned ints: {@code 7u} is read as {@code 7i}, and what is too large for that is refused. More than InfluxDB reads:
 * lines that end in CR and LF; and {@code NaN}, {@code +Inf} and {@code -Inf}, because a function may emit them and a test
 * has to write them down.
 *
 * <p>An export of InfluxDB ({@code influx_inspect export}) is read as well: what is between {@code # DDL} and {@code # DML} is skipped, and the points after
 * {@code # CONTEXT-DATABASE:} and {@code # CONTEXT-RETENTION-POLICY:} belong to these.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link LineProtocolException} says what was expected where in which line; after that it reads on with the next
 * line. {@link UncheckedIOException} when the stream cannot be read.
 */
public final class LineReader implements Iterator<byte[]>, Closeable {
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
    private byte[] next;

    private Grouping grouping = Grouping.NONE;
    private boolean recording;
    private boolean inDdl;
    private String database = "";
    private String retentionPolicy = "";
    private byte[] refused = {};
    private boolean keeping;
    private byte[] kept = {};

    private LineReader(InputStream in) {
        this.in = Objects.requireNonNull(in, "in");
    }

    /** Reads a stream, in UTF-8. */
    public static LineReader of(InputStream in) {
        return new LineReader(in);
    }

    /**
     * Reads a name and tags, and nothing else: {@code cpu,host=a}.
     *
     * @throws IllegalArgumentException if that is something else
     */
    public static byte[] series(byte[] series) {
        try {
            return new LineParser(Precision.NANOSECONDS, () -> 0, Grouping.NONE).series(series);
        } catch (LineParser.Problem problem) {
            throw new IllegalArgumentException(
                    "series: " + problem.getMessage() + " in \"" + new String(series, StandardCharsets.UTF_8) + "\"");
        }
    }

    /** Reads what {@link #input} gives. */
    public static LineReader ofRecords() {
        LineReader reader = new LineReader(InputStream.nullInputStream());
        reader.ended = true;
        return reader;
    }

    /**
     * Reads these bytes from now on: text of its own, with its own numbers of lines. What is left of the text before is given up. For readers of {@link #ofRecords}.
     *
     * @param text not changed, not copied, and only read until the next call
     */
    public void input(byte[] text, String ofDatabase, String ofRetentionPolicy) {
        if (parser == null) {
            parser = new LineParser(precision, clockNanos, grouping);
        }
        buffer = text;
        start = 0;
        limit = text.length;
        line = 0;
        next = null;
        inDdl = false;
        skipByteOrderMark();
        context(ofDatabase, ofRetentionPolicy);
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

    /** Puts the group and the dimensions into each point; no grouping if not set. */
    public LineReader groupBy(Grouping tags) {
        grouping = Objects.requireNonNull(tags, "tags");
        return this;
    }

    /**
     * Reads what {@code kapacitor record} writes for a stream: each point is three lines, its database, its retention policy, and itself.
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

    /** Keeps the text of each point, for {@link #keptLine}. */
    public LineReader keepLines() {
        keeping = true;
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
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the end of the lines");
        }
        byte[] point = next;
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

    /** The text of the point that {@link #next} gave last, without its line break, if {@linkplain #keepLines lines are kept}. */
    public byte[] keptLine() {
        return kept.clone();
    }

    /** The line that was refused last, without its line break; empty if there was none, or it was too long. */
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

    /** Reads the next line; null if there is no point in it. */
    private byte[] line() {
        if (parser == null) {
            parser = new LineParser(precision, clockNanos, grouping);
            skipByteOrderMark();
        }
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
        while (true) {
            try {
                byte[] point = parser.point(buffer, start + shift, contentEnd(end));
                if (keeping) {
                    kept = Arrays.copyOfRange(buffer, start, contentEnd(end));
                }
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

    /** {@code DDL}, {@code DML}, {@code CONTEXT-DATABASE: telegraf}, {@code CONTEXT-RETENTION-POLICY: autogen}. */
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
            parser.context(database, retentionPolicy);
        }
    }

    /** Reads the two lines before a point; false if there is no line after them. */
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

    /** The end of a line, after its line break if it has one, with all of it in the buffer. Moves the buffer: positions count from {@link #start}. */
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
