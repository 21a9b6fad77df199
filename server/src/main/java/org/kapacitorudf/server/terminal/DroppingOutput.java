package org.kapacitorudf.server.terminal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines to STDERR. In {@linkplain #host hosting mode}, it writes them on a separate thread, so that callers do
 * not wait for the reader of STDERR.
 *
 * <p>STDERR is often a pipe. If nobody reads the pipe, it fills up, and the next write blocks forever. Without a
 * separate thread, a log line could block an event loop, with all of its connections.
 *
 * <pre>
 *   lines -> waiting, limited in bytes -> a thread -> STDERR
 *            above the limit: dropped and counted
 * </pre>
 *
 * <p>A flush waits until everything is written, so that no line is lost if the process exits afterwards. It waits at
 * most {@value #PATIENCE_MILLIS} ms. After a flush has timed out, further flushes return immediately until the buffer
 * has become empty.
 *
 * <p>Threading: safe for use by any thread. The data of one call stays contiguous.
 *
 * <p>Errors: those of the underlying stream. There are none in hosting mode, where data that cannot be written is
 * dropped and counted, for example if the disk is full or memory is short. If the thread cannot be started, hosting
 * mode ends.
 */
public final class DroppingOutput extends OutputStream implements LongSupplier {
    public static final int DEFAULT_BUFFER_BYTES = 1 << 20;
    static final int MIN_BUFFER_BYTES = 64 * 1024;
    static final int MAX_BUFFER_BYTES = 1 << 30;

    private static final long PATIENCE_MILLIS = 250;

    /** The maximum total time of all flushes while the JVM exits. */
    private static final long LAST_PATIENCE_MILLIS = 1_000;

    private final OutputStream out;
    private final long patienceMillis;

    @GuardedBy("this")
    private int bufferBytes = DEFAULT_BUFFER_BYTES;

    @GuardedBy("this")
    private boolean hosts;

    @GuardedBy("this")
    private @Nullable Thread thread; // null if nothing has been written in hosting mode

    @GuardedBy("this")
    private Buffer waiting = new Buffer();

    @GuardedBy("this")
    private int inFlightBytes;

    @GuardedBy("this")
    private long acceptedBytes;

    @GuardedBy("this")
    private long doneBytes;

    @GuardedBy("this")
    private boolean stalled; // a flush has timed out

    @GuardedBy("this")
    private boolean ending; // the JVM is exiting

    @GuardedBy("this")
    private long endNanos;

    @GuardedBy("this")
    private boolean midLine; // the accepted data does not end with a line break

    @GuardedBy("this")
    private boolean dropping; // the dropped data does not end with a line break

    @GuardedBy("this")
    private boolean torn; // the accepted data ends with a line whose end was dropped

    @GuardedBy("this")
    private long droppedLines;

    /** Bytes that are counted and written without a copy, because there may be no memory for one. */
    private static final class Buffer extends ByteArrayOutputStream {
        private int lines() {
            return DroppingOutput.lines(buf, 0, count);
        }
    }

    DroppingOutput(OutputStream out) {
        this(out, PATIENCE_MILLIS);
    }

    DroppingOutput(OutputStream out, long patienceMillis) {
        this.out = out;
        this.patienceMillis = patienceMillis;
    }

    /** Starts hosting mode: from now on, callers do not wait for the reader. */
    synchronized void host() {
        hosts = true;
    }

    /** Sets the size of the buffer. */
    synchronized void bufferBytes(long bytes) {
        if (bytes < MIN_BUFFER_BYTES || bytes > MAX_BUFFER_BYTES) {
            throw new IllegalArgumentException(
                    "logBufferBytes: " + bytes + " (expected: " + MIN_BUFFER_BYTES + " to " + MAX_BUFFER_BYTES + ")");
        }
        bufferBytes = (int) bytes;
    }

    /** The number of lines that were dropped in hosting mode, completely or in part. */
    @Override
    public synchronized long getAsLong() {
        return droppedLines;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (!hosts) {
            out.write(bytes, offset, length);
            return;
        }
        int end = offset + length;
        int from = dropping ? afterLine(bytes, offset, end) : offset;
        if (from == end) {
            return;
        }
        boolean isEnd = bytes[end - 1] == '\n';
        if (waiting.size() + inFlightBytes + (end - from) > bufferBytes) {
            droppedLines += lines(bytes, from, end);
            dropping = !isEnd;
            torn |= midLine;
        } else {
            accept(bytes, from, end - from);
            midLine = !isEnd;
        }
    }

    /**
     * Skips the rest of a line whose beginning was dropped. Returns the offset of the next line; {@code end} if there
     * is none.
     */
    @GuardedBy("this")
    private int afterLine(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                dropping = false;
                return i + 1;
            }
        }
        return end;
    }

    /** The number of lines, including an incomplete last line. */
    private static int lines(byte[] bytes, int from, int end) {
        int lines = bytes[end - 1] == '\n' ? 0 : 1;
        for (int i = from; i < end; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        return lines;
    }

    @GuardedBy("this")
    private void accept(byte[] bytes, int from, int length) throws IOException {
        int before = waiting.size();
        if (torn) {
            torn = false;
            waiting.write('\n');
        }
        waiting.write(bytes, from, length);
        acceptedBytes += waiting.size() - before;
        if (thread == null) {
            begin();
        }
        notifyAll();
    }

    @GuardedBy("this")
    private void begin() throws IOException {
        Thread writer = new Thread(this::passOn, "udf-stderr");
        writer.setDaemon(true);
        try {
            writer.start();
        } catch (OutOfMemoryError e) {
            writeWithoutThread();
            return;
        }
        thread = writer;
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(this::end, "udf-stderr-end"));
        } catch (IllegalStateException e) {
            end(); // the JVM is already exiting
        }
    }

    /** Ends hosting mode, because no thread can be started. Writes the buffer. From now on, callers write directly. */
    @GuardedBy("this")
    private void writeWithoutThread() throws IOException {
        hosts = false;
        byte[] bytes = waiting.toByteArray();
        waiting.reset();
        doneBytes = acceptedBytes;
        out.write(bytes);
    }

    @Override
    public void flush() throws IOException {
        synchronized (this) {
            if (hosts) {
                await(acceptedBytes);
                return;
            }
        }
        out.flush();
    }

    @GuardedBy("this")
    private void await(long bytes) {
        long deadlineNanos = ending ? endNanos : System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (doneBytes < bytes && (ending || !stalled)) {
            long leftNanos = deadlineNanos - System.nanoTime();
            if (leftNanos <= 0) {
                stalled = true;
                return;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Called when the JVM exits. Waits until everything has been written, up to the time limit. */
    private synchronized void end() {
        ending = true;
        endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_PATIENCE_MILLIS);
        await(acceptedBytes);
    }

    private void passOn() {
        boolean failed = false;
        while (true) {
            Buffer next = null;
            try {
                next = take();
                if (failed) {
                    out.write('\n'); // a partial line may have been written
                }
                next.writeTo(out);
                out.flush();
                failed = false;
            } catch (Throwable e) { // also an Error, because there would be no log without this thread
                failed |= next != null;
            }
            if (next != null) {
                done(next, failed);
            }
        }
    }

    private synchronized Buffer take() {
        while (waiting.size() == 0) {
            stalled = false;
            try {
                wait();
            } catch (InterruptedException e) {
                // Ignored. No other code has access to this thread, and there would be no log without it.
            }
        }
        Buffer next = waiting;
        // A new buffer is created, because a reused one would never free its memory.
        waiting = new Buffer();
        inFlightBytes = next.size();
        return next;
    }

    private synchronized void done(Buffer passedOn, boolean failed) {
        if (failed) {
            droppedLines += passedOn.lines();
        }
        inFlightBytes = 0;
        doneBytes += passedOn.size();
        notifyAll();
    }
}
