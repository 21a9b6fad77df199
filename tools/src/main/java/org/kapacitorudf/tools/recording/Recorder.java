package org.kapacitorudf.tools.recording;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a recording without ever blocking the recorded session.
 *
 * <pre>
 *   kapacitor-udf recording 1 | LF
 *   * | time: varint | length: varint | "2026-11-22T19:32:58.123Z ./agent -x"
 *   &gt; | time         | length         | output of Kapacitor, as read
 *   &lt; | time         | length         | output of the agent
 *   ) | time         | 0                the agent's input has ended
 *   ( | time         | 0                the agent's output has ended
 *   . | time         | length         | "exit status 0"
 * </pre>
 *
 * <p>Times are nanoseconds since the previous record. Each record is written soon after its event, and the file can be
 * read while it is written. Only the file's owner may read it.
 *
 * <p>Threading: safe for use by any thread; events of one thread are recorded in order. A separate thread writes; only
 * {@link #close} waits for it.
 *
 * <p>Errors: a file that cannot be created or written, a disk that does not keep up, and the size limit end the
 * recording with a warning, but not the session.
 */
public final class Recorder {
    static final String MAGIC = "kapacitor-udf recording 1\n";

    /** The size of the buffer: a few seconds of Kapacitor's maximum output. */
    static final int MAX_WAITING_BYTES = 16 << 20;

    private static final int MAX_VARINT_BYTES = 10;
    private static final int HEADER_BYTES = 1 + 2 * MAX_VARINT_BYTES;
    private static final int MAX_FILES_OF_A_NAME = 10_000;

    private final long maxBytes;
    private final Consumer<String> warnings;
    private final Path file;
    private final @Nullable FileChannel channel; // null if the file cannot be created
    private final Thread thread;

    @GuardedBy("this")
    private Deque<RecordingEntry> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private long waitingBytes;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private @Nullable String problem; // null while recording

    private final long startNanos = System.nanoTime();

    // Used by the writing thread only.
    private long writtenBytes;
    private long writtenNanos;

    private Recorder(Path file, @Nullable FileChannel channel, long maxBytes, Consumer<String> warnings) {
        this.file = file;
        this.channel = channel;
        this.maxBytes = maxBytes;
        this.warnings = warnings;
        this.thread = new Thread(this::write, "recorder");
        this.thread.setDaemon(true);
    }

    /**
     * Starts a recording.
     *
     * @param wanted the file; if it exists, a number is added to its name: {@code x-2.udfrec}
     * @param about the recorded subject
     * @param maxBytes the maximum size of the file
     * @param warnings called by the writing thread with the reason why a recording has ended early
     */
    public static Recorder start(Path wanted, String about, long maxBytes, Consumer<String> warnings) {
        Recorder recorder;
        try {
            Path file = wanted;
            FileChannel channel = null;
            for (int number = 2; channel == null; number++) {
                try {
                    channel = FileChannel.open(
                            file,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                } catch (FileAlreadyExistsException e) {
                    if (number > MAX_FILES_OF_A_NAME) {
                        throw e;
                    }
                    file = numbered(wanted, number);
                }
            }
            recorder = new Recorder(file, channel, maxBytes, warnings);
        } catch (IOException e) {
            recorder = new Recorder(wanted, null, maxBytes, warnings);
            synchronized (recorder) {
                recorder.problem = "cannot be created: " + reason(e);
            }
        }
        return recorder.begin(about);
    }

    /** Starts a recording in an open file, which the recorder then owns. */
    static Recorder start(Path file, FileChannel channel, String about, long maxBytes, Consumer<String> warnings) {
        return new Recorder(file, channel, maxBytes, warnings).begin(about);
    }

    private Recorder begin(String about) {
        add(EntryKind.START, (Instant.now() + " " + about).getBytes(StandardCharsets.UTF_8));
        thread.start();
        return this;
    }

    private static Path numbered(Path wanted, int number) {
        String name = wanted.getFileName().toString();
        int dot = name.lastIndexOf('.');
        int end = dot > 0 ? dot : name.length();
        return wanted.resolveSibling(name.substring(0, end) + "-" + number + name.substring(end));
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException problem && problem.getReason() != null) {
            return problem.getReason();
        }
        return e.toString();
    }

    /** Whether the file was created. */
    public boolean hasFile() {
        return channel != null;
    }

    /** The path of the recording. */
    public Path file() {
        return file;
    }

    /** Records a copy of the bytes. */
    public void bytes(EntryKind kind, byte[] buffer, int offset, int length) {
        add(kind, Arrays.copyOfRange(buffer, offset, offset + length));
    }

    /** Records the end of one direction. */
    public void end(EntryKind kind) {
        add(kind, new byte[0]);
    }

    /**
     * Ends the recording.
     *
     * @param how how the session ended
     * @param limit how long to wait until everything is written; what has not been written by then is lost
     */
    public void close(String how, Duration limit) {
        add(EntryKind.END, how.getBytes(StandardCharsets.UTF_8));
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, limit.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void add(EntryKind kind, byte[] bytes) {
        if (problem != null || closed) {
            return;
        }
        if (waitingBytes > MAX_WAITING_BYTES) {
            problem = "the disk does not keep up: " + waitingBytes + " bytes wait (expected: <= " + MAX_WAITING_BYTES
                    + ")";
            waiting.clear();
        } else {
            waiting.add(new RecordingEntry(kind, System.nanoTime() - startNanos, bytes));
            waitingBytes += bytes.length + HEADER_BYTES;
        }
        notifyAll();
    }

    private void write() {
        try {
            writeAll(ByteBuffer.wrap(MAGIC.getBytes(StandardCharsets.UTF_8)));
            for (Deque<RecordingEntry> next = next(); !next.isEmpty(); next = next()) {
                for (RecordingEntry entry : next) {
                    if (problem() == null) {
                        write(entry);
                    }
                }
            }
            String reason = problem();
            if (reason != null) {
                write(new RecordingEntry(EntryKind.END, writtenNanos, reason.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            fail("cannot be written: " + reason(e));
        } finally {
            closeFile();
        }
        if (problem() != null) {
            warnings.accept(file + ": the recording has ended, the session continues: " + problem());
        }
    }

    private synchronized @Nullable String problem() {
        return problem;
    }

    /** Waits for entries, and returns them; returns none if the recording has ended. */
    private synchronized Deque<RecordingEntry> next() {
        while (waiting.isEmpty() && !closed && problem == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                return new ArrayDeque<>();
            }
        }
        Deque<RecordingEntry> next = waiting;
        waiting = new ArrayDeque<>();
        waitingBytes = 0;
        return next;
    }

    private void write(RecordingEntry entry) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.put(entry.kind().code());
        putVarint(header, entry.nanos() - writtenNanos);
        putVarint(header, entry.bytes().length);
        header.flip();
        if (entry.kind() != EntryKind.END && writtenBytes + header.remaining() + entry.bytes().length > maxBytes) {
            fail("limit of " + maxBytes + " bytes reached");
            return;
        }
        ByteBuffer[] record = {header, ByteBuffer.wrap(entry.bytes())};
        writeAll(record);
        writtenNanos = entry.nanos();
    }

    private void writeAll(ByteBuffer... buffers) throws IOException {
        if (channel == null) {
            return;
        }
        try {
            while (Arrays.stream(buffers).anyMatch(ByteBuffer::hasRemaining)) {
                channel.write(buffers);
            }
        } catch (IOException e) {
            // An incomplete record would be read as a truncated file.
            truncate(channel);
            throw e;
        }
        for (ByteBuffer buffer : buffers) {
            writtenBytes += buffer.position();
        }
    }

    private void truncate(FileChannel channel) {
        try {
            channel.truncate(writtenBytes);
        } catch (IOException e) {
            // A reader can handle an incomplete record.
        }
    }

    private synchronized void fail(String why) {
        if (problem == null) {
            problem = why;
        }
        waiting.clear();
    }

    private void closeFile() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            fail("cannot be closed: " + reason(e));
        }
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
