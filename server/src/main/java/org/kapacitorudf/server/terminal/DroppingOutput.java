package org.kapacitorudf.server.terminal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Passes lines on; once it {@linkplain #host hosts}, with a thread of its own, so that nobody has to wait for whoever reads them.
 *
 * <p>STDERR is often a pipe, and a write to a pipe that nobody reads blocks for ever: a line for the log would stop an event loop, and every connection on it.
 *
 * <pre>
 *   lines -> waiting, so many bytes at most -> a thread -> STDERR
 *            beyond that: dropped, as whole lines, and counted
 * </pre>
 *
 * <p>Who flushes waits until all is out, as with any other stream, so no line is lost when the process ends behind it; but for {@value #PATIENCE_MILLIS} ms at
 * most, and after that not at all until nothing waits any more.
 *
 * <p>Threading: safe for any thread. What one call writes stays together.
 *
 * <p>Errors: those of the stream behind it; none once it hosts: what cannot be written, as on a full disk, is dropped and counted. If the thread cannot be
 * started, it does not host.
 */
public final class DroppingOutput extends OutputStream implements LongSupplier {
    public static final int DEFAULT_BUFFER_BYTES = 1 << 20;
    static final int MIN_BUFFER_BYTES = 64 * 1024;
    static final int MAX_BUFFER_BYTES = 1 << 30;

    private static final long PATIENCE_MILLIS = 250;

    /** For everybody together when the JVM ends. */
    private static final long LAST_PATIENCE_MILLIS = 1_000;

    private final OutputStream out;

    @GuardedBy("this")
    private int bufferBytes = DEFAULT_BUFFER_BYTES;

    @GuardedBy("this")
    private boolean hosts;

    @GuardedBy("this")
    private Thread thread; // null: nothing has been written since it hosts

    @GuardedBy("this")
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    @GuardedBy("this")
    private int inFlightBytes;

    @GuardedBy("this")
    private long acceptedBytes;

    @GuardedBy("this")
    private long doneBytes;

    @GuardedBy("this")
    private boolean stalled; // somebody has waited in vain

    @GuardedBy("this")
    private boolean ending; // the JVM ends

    @GuardedBy("this")
    private long endNanos;

    @GuardedBy("this")
    private boolean midLine; // what was accepted last is not the end of its line

    @GuardedBy("this")
    private boolean dropping; // what was dropped last is not the end of its line

    @GuardedBy("this")
    private boolean torn; // what was accepted last is a line whose end was dropped

    @GuardedBy("this")
    private long droppedLines;

    DroppingOutput(OutputStream out) {
        this.out = out;
    }

    /** From now on nobody waits for a reader. */
    synchronized void host() {
        hosts = true;
    }

    /** Sets how much may wait. */
    synchronized void bufferBytes(long bytes) {
        if (bytes < MIN_BUFFER_BYTES || bytes > MAX_BUFFER_BYTES) {
            throw new IllegalArgumentException(
                    "logBufferBytes: " + bytes + " (expected: " + MIN_BUFFER_BYTES + " to " + MAX_BUFFER_BYTES + ")");
        }
        bufferBytes = (int) bytes;
    }

    /** How many lines have not been written, or not as a whole, since it hosts. */
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
        int from = dropping ? behindLine(bytes, offset, end) : offset;
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

    /** Leaves out the rest of a line whose beginning was dropped. */
    @GuardedBy("this")
    private int behindLine(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                dropping = false;
                return i + 1;
            }
        }
        return end;
    }

    /** Those that have begun count. */
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
            end(); // the JVM ends already
        }
    }

    /** No thread can be started, and the line that says so is among those that wait: from now on the caller writes, as before this hosted. */
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
        long deadlineNanos = ending ? endNanos : System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
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

    /** The JVM ends, and whatever is still written is waited for. */
    private synchronized void end() {
        ending = true;
        endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_PATIENCE_MILLIS);
        await(acceptedBytes);
    }

    private void passOn() {
        boolean failed = false;
        while (true) {
            byte[] next = take();
            try {
                if (failed) {
                    out.write('\n'); // part of a line may have been written
                }
                out.write(next);
                out.flush();
                failed = false;
            } catch (IOException e) {
                failed = true;
            }
            done(next, failed);
        }
    }

    private synchronized byte[] take() {
        while (waiting.size() == 0) {
            stalled = false;
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody knows this thread; and without it there would be no log.
            }
        }
        byte[] next = waiting.toByteArray();
        // A new one: what had to wait once need not have its memory for ever.
        waiting = new ByteArrayOutputStream();
        inFlightBytes = next.length;
        return next;
    }

    private synchronized void done(byte[] passedOn, boolean failed) {
        if (failed) {
            droppedLines += lines(passedOn, 0, passedOn.length);
        }
        inFlightBytes = 0;
        doneBytes += passedOn.length;
        notifyAll();
    }
}
