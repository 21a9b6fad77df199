package org.kapacitorudf.tools.recording;

import java.io.IOException;
import java.time.Duration;

/**
 * Passes on what comes from one side, byte for byte, and its end, and tells a recorder: before the other side can have seen it.
 *
 * <p>It reads no more while the other side does not take what there is, so back-pressure stays what it was.
 *
 * <p>Threading: {@link #run} is for a thread of its own; the rest for any.
 */
final class Relay implements Runnable {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Where bytes come from. */
    interface Source {
        /** Reads at least one byte; -1 at the end. */
        int read(byte[] buffer) throws IOException;

        /** Nothing more is read: whoever writes has to learn it. */
        void close() throws IOException;
    }

    /** Where bytes go. */
    interface Sink {
        void write(byte[] buffer, int length) throws IOException;

        /** No more will be written: whoever reads has to learn it. */
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

    /** Passes on until the end, on a daemon thread. */
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
            // One side has gone; the other one gets to know below.
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

    /** Waits for the end; false if it has not come within the limit. */
    boolean awaitEnd(Duration limit) {
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Whether there is nothing to pass on at the moment. */
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
            // That side has gone already.
        }
    }
}
