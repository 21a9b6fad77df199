package org.kapacitorudf.tools.recording;

import java.io.IOException;
import java.time.Duration;

/**
 * Forwards one direction byte for byte, including its end. Bytes are recorded before the other side can see them.
 *
 * <p>It stops reading while the other side does not accept data, which preserves back-pressure.
 *
 * <p>Threading: {@link #run} is for a separate thread; everything else is safe for use by any thread.
 */
final class Relay implements Runnable {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** The source of bytes. */
    interface Source {
        /** Reads at least one byte; returns -1 at the end. */
        int read(byte[] buffer) throws IOException;

        /** Stops reading. The writer must be able to notice this. */
        void close() throws IOException;
    }

    /** The destination of bytes. */
    interface Sink {
        void write(byte[] buffer, int length) throws IOException;

        /** Ends the output. The reader must be able to notice this. */
        void end() throws IOException;
    }

    private final Source source;
    private final Sink sink;
    private final Recorder recorder;
    private final EntryKind bytes;
    private final EntryKind end;
    private final Thread thread;
    private volatile boolean isReading;

    /** @param bytes {@link EntryKind#REQUEST} or {@link EntryKind#RESPONSE} */
    Relay(Source source, Sink sink, Recorder recorder, EntryKind bytes) {
        this.source = source;
        this.sink = sink;
        this.recorder = recorder;
        this.bytes = bytes;
        this.end = bytes == EntryKind.REQUEST ? EntryKind.REQUESTS_END : EntryKind.RESPONSES_END;
        this.thread = new Thread(this, "relay-" + bytes);
        this.thread.setDaemon(true);
    }

    /** Forwards until the end, on a daemon thread. */
    Relay start() {
        thread.start();
        return this;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int length = read(buffer); length >= 0; length = read(buffer)) {
                recorder.bytes(bytes, buffer, 0, length);
                sink.write(buffer, length);
            }
            recorder.end(end);
        } catch (IOException e) {
            // One side has disconnected; the other one is notified below.
        }
        quietly(sink::end);
        quietly(source::close);
    }

    private int read(byte[] buffer) throws IOException {
        isReading = true;
        int length = source.read(buffer);
        isReading = false;
        return length;
    }

    /** Waits for the end; returns false if it is not reached within the limit. A limit of zero means no limit. */
    boolean awaitEnd(Duration limit) {
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Whether this relay is waiting for bytes from its source. */
    boolean isReading() {
        return isReading;
    }

    private interface Step {
        void take() throws IOException;
    }

    private static void quietly(Step step) {
        try {
            step.take();
        } catch (IOException e) {
            // That side has already disconnected.
        }
    }
}
