package org.kapacitorudf.tools.recording;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.kapacitorudf.client.FrameHeader;

/**
 * A recording read as messages: each entry of kind {@link EntryKind#REQUEST} or {@link EntryKind#RESPONSE} is one
 * message without its length, with the time at which its last byte was read.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: {@link IOException} as for {@link RecordingReader}. Bytes that are not frames, and incomplete frames, are
 * reported in {@link #notes}.
 */
public final class RecordedConversation implements AutoCloseable {
    private static final int MAX_FRAME_BYTES = 1 << 30;
    private static final int SHOWN_BYTES = 60;

    private final RecordingReader reader;
    private final Splitter requests = new Splitter(EntryKind.REQUEST, "Kapacitor's output");
    private final Splitter responses = new Splitter(EntryKind.RESPONSE, "the agent's output");
    private final Deque<RecordingEntry> ready = new ArrayDeque<>();
    private final List<String> notes = new ArrayList<>();
    private boolean isRead;
    private boolean hasRequestsEnd;
    private boolean hasResponsesEnd;

    RecordedConversation(RecordingReader reader) {
        this.reader = reader;
    }

    /** Opens a recording of any format. */
    public static RecordedConversation open(Path path) throws IOException {
        return new RecordedConversation(RecordingReader.open(path));
    }

    /** The next event; null at the end. */
    public RecordingEntry next() throws IOException {
        while (ready.isEmpty() && !isRead) {
            RecordingEntry chunk = reader.next();
            if (chunk == null) {
                isRead = true;
                requests.end();
                responses.end();
                if (!reader.isWhole() && !(hasRequestsEnd && hasResponsesEnd)) {
                    notes.add("the recording " + reader.ending());
                }
                break;
            }
            switch (chunk.kind()) {
                case REQUEST -> requests.take(chunk);
                case RESPONSE -> responses.take(chunk);
                default -> {
                    hasRequestsEnd |= chunk.kind() == EntryKind.REQUESTS_END;
                    hasResponsesEnd |= chunk.kind() == EntryKind.RESPONSES_END;
                    ready.add(chunk);
                }
            }
        }
        return ready.poll();
    }

    /** Whether all of the agent's output is available. Call this method after everything has been read. */
    public boolean hasAllResponses() {
        return hasResponsesEnd && notes.isEmpty();
    }

    /** Remarks about irregular or missing parts of the recording. Call this method after everything has been read. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** Splits one direction's bytes into frames. */
    private final class Splitter {
        private final EntryKind kind;
        private final String what;
        private final FrameHeader header = new FrameHeader();
        private byte[] bytes = new byte[0];
        private int size;
        private boolean isBroken;

        Splitter(EntryKind kind, String what) {
            this.kind = kind;
            this.what = what;
        }

        void take(RecordingEntry chunk) {
            if (isBroken) {
                return;
            }
            add(chunk.bytes());
            int from = 0;
            for (int next = frame(0, chunk.nanos()); next > from; next = frame(from, chunk.nanos())) {
                from = next;
            }
            System.arraycopy(bytes, from, bytes, 0, size - from);
            size -= from;
        }

        private void add(byte[] more) {
            if (bytes.length - size < more.length) {
                bytes = Arrays.copyOf(bytes, Math.max(size + more.length, 2 * size));
            }
            System.arraycopy(more, 0, bytes, size, more.length);
            size += more.length;
        }

        /**
         * Adds the message of the frame at {@code from}, and returns the frame's end; returns {@code from} if the frame
         * is incomplete or invalid.
         */
        private int frame(int from, long nanos) {
            try {
                if (!header.read(bytes, from, size)) {
                    return from;
                }
                if (header.length() < 0 || header.length() > MAX_FRAME_BYTES) {
                    throw new IOException("frame length: " + Long.toUnsignedString(header.length()));
                }
            } catch (IOException e) {
                isBroken = true;
                notes.add(what + " is not a message from here on: " + shown(from));
                return from;
            }
            int start = from + header.size();
            int length = (int) header.length();
            if (size - start < length) {
                return from;
            }
            int end = start + length;
            ready.add(new RecordingEntry(kind, nanos, Arrays.copyOfRange(bytes, start, end)));
            return end;
        }

        void end() {
            if (!isBroken && size > 0) {
                notes.add(what + " ends inside a message: " + size + " bytes: " + shown(0));
            }
        }

        private String shown(int from) {
            StringBuilder shown = new StringBuilder("\"");
            int to = Math.min(size, from + SHOWN_BYTES);
            for (char c : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).toCharArray()) {
                shown.append(c >= ' ' && c < 0x7F ? String.valueOf(c) : String.format("\\x%02x", (int) c));
            }
            return shown.append(to < size ? "\"..." : "\"").toString();
        }
    }
}
