package org.kapacitorudf.tools.recording;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a recording as bytes, in the pieces in which they were read during the session.
 *
 * <p>It supports two formats: that of {@link Recorder}, and three files in the same directory, {@code NAME.requests}
 * and {@code NAME.responses} with raw bytes and {@code NAME.timeline} with one line of JSON per read. Any of the three,
 * or {@code NAME}, refers to all of them.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: {@link IOException} if the file is not a recording; the message says what was expected. A truncated
 * recording can be read up to its last complete record, if its first line is complete; see {@link #ending}.
 */
public final class RecordingReader implements AutoCloseable {
    private static final int MAX_RECORD_BYTES = 1 << 30;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Pattern PARTS = Pattern.compile("(.*)\\.(requests|responses|timeline)");
    private static final Pattern VERSION = Pattern.compile("kapacitor-udf recording (\\d+)\n.*", Pattern.DOTALL);

    private final Source source;
    private @Nullable RecordingEntry end; // null until it is read
    private boolean isRead;

    private interface Source {
        /** Returns the next entry; null if there are no more. */
        @Nullable
        RecordingEntry next() throws IOException;

        /** For a recording whose last record is missing: returns why there are no more entries. */
        String cut();

        void close() throws IOException;
    }

    private RecordingReader(Source source) {
        this.source = source;
    }

    /** Opens a recording of any format. */
    public static RecordingReader open(Path path) throws IOException {
        Matcher parts = PARTS.matcher(path.toString());
        String base = parts.matches() ? parts.group(1) : path.toString();
        Path timeline = Path.of(base + ".timeline");
        if ((parts.matches() || !Files.exists(path)) && Files.exists(timeline)) {
            return new RecordingReader(new ThreeFiles(Path.of(base)));
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path + ": no such file (expected: a recording)");
        }
        if (Files.isDirectory(path)) {
            throw new IOException(path + ": a directory (expected: a recording)");
        }
        return of(Files.newInputStream(path), path.toString());
    }

    /** Reads the output of a {@link Recorder}. */
    static RecordingReader of(InputStream in, String name) throws IOException {
        return new RecordingReader(new OneFile(in, name));
    }

    /** The next event; null at the end. */
    public @Nullable RecordingEntry next() throws IOException {
        if (isRead) {
            return null;
        }
        RecordingEntry next = source.next();
        if (next == null) {
            isRead = true;
        } else if (next.kind() == EntryKind.END) {
            end = next;
        }
        return next;
    }

    /**
     * How the recording ends: the text of the last record, or a remark that this record is missing. Call this method
     * after everything has been read.
     */
    public String ending() {
        return end != null ? end.text() : source.cut();
    }

    /**
     * Whether the recording is complete. If not, the recording is still being written, or its writer was killed. Call
     * this method after everything has been read.
     */
    public boolean isWhole() {
        return end != null;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private static final class OneFile implements Source {
        private final DataInputStream in;
        private long nanos;
        private String cut = "has no end: it is being written, or its writer was killed";

        OneFile(InputStream bytes, String name) throws IOException {
            in = new DataInputStream(new BufferedInputStream(bytes, BUFFER_BYTES));
            byte[] magic = in.readNBytes(Recorder.MAGIC.length());
            String first = new String(magic, StandardCharsets.ISO_8859_1);
            if (!first.equals(Recorder.MAGIC)) {
                in.close();
                Matcher version = VERSION.matcher(first);
                throw new IOException(
                        name
                                + (version.matches()
                                        ? ": a recording of version " + version.group(1) + " (expected: 1)"
                                        : ": not a recording (expected: the output of record, or NAME.timeline and its parts)"));
            }
        }

        @Override
        public @Nullable RecordingEntry next() throws IOException {
            while (true) {
                int code = in.read();
                if (code < 0) {
                    return null;
                }
                try {
                    nanos += varint();
                    long length = varint();
                    if (length < 0 || length > MAX_RECORD_BYTES) {
                        throw new IOException(
                                "record: " + length + " bytes (expected: <= " + MAX_RECORD_BYTES + "); damaged");
                    }
                    byte[] bytes = in.readNBytes((int) length);
                    if (bytes.length < length) {
                        throw new EOFException();
                    }
                    EntryKind kind = EntryKind.of(code);
                    if (kind != null) {
                        return new RecordingEntry(kind, nanos, bytes);
                    }
                } catch (EOFException e) {
                    cut = "is truncated inside a record: its writer was killed, or the disk was full";
                    return null;
                }
            }
        }

        private long varint() throws IOException {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                byte next = in.readByte();
                value |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IOException("record: not a varint (expected: a time or length); damaged");
        }

        @Override
        public String cut() {
            return cut;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private static final class ThreeFiles implements Source {
        private static final Pattern LINE = Pattern.compile(
                "\\{\"ms\": ([0-9]+(?:\\.[0-9]+)?), \"dir\": \"(request|response)\", \"bytes\": ([0-9]+)}");
        private static final double NANOS_PER_MILLI = 1e6;

        private final Path base;
        private final List<String> timeline;
        private final InputStream requests;
        private final InputStream responses;
        private int line = -1;
        private long nanos;

        ThreeFiles(Path base) throws IOException {
            this.base = base;
            timeline = Files.readAllLines(Path.of(base + ".timeline"));
            requests = open(".requests");
            responses = open(".responses");
        }

        private InputStream open(String part) throws IOException {
            return new BufferedInputStream(Files.newInputStream(Path.of(base + part)), BUFFER_BYTES);
        }

        @Override
        public @Nullable RecordingEntry next() throws IOException {
            line++;
            if (line == 0) {
                return new RecordingEntry(EntryKind.START, 0, base.toString().getBytes(StandardCharsets.UTF_8));
            }
            if (line > timeline.size()) {
                return null;
            }
            Matcher matcher = LINE.matcher(timeline.get(line - 1));
            if (!matcher.matches()) {
                throw new IOException(base + ".timeline: line " + line + ": " + timeline.get(line - 1)
                        + " (expected: {\"ms\": 1.5, \"dir\": \"request\", \"bytes\": 3})");
            }
            nanos = Math.round(Double.parseDouble(matcher.group(1)) * NANOS_PER_MILLI);
            boolean isRequest = matcher.group(2).equals("request");
            int length = Integer.parseInt(matcher.group(3));
            if (length == 0) {
                return new RecordingEntry(
                        isRequest ? EntryKind.REQUESTS_END : EntryKind.RESPONSES_END, nanos, new byte[0]);
            }
            byte[] bytes = (isRequest ? requests : responses).readNBytes(length);
            if (bytes.length < length) {
                throw new IOException(base + "." + matcher.group(2) + "s: " + bytes.length
                        + " bytes are left (expected: " + length + ", as line " + line + " of the timeline specifies)");
            }
            return new RecordingEntry(isRequest ? EntryKind.REQUEST : EntryKind.RESPONSE, nanos, bytes);
        }

        @Override
        public String cut() {
            return "has no ends in its timeline";
        }

        @Override
        public void close() throws IOException {
            requests.close();
            responses.close();
        }
    }
}
