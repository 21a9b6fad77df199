package org.kapacitorudf.tools.recording;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An agent that runs as a child of this process. This process sits between Kapacitor and the agent: STDIN and STDOUT
 * are forwarded and recorded; STDERR is inherited.
 *
 * <p>Threading: {@link #converse} blocks the calling thread; {@link #terminate} is safe for use by any thread.
 */
public final class RecordedProcess {
    private static final Duration LOOK = Duration.ofMillis(50);

    /**
     * After the child has exited, its own children may keep its STDOUT open. The output is assumed to be complete after
     * this number of observations without output.
     */
    static final int SILENT_LOOKS = 60;

    /**
     * How long to wait for the end of the input before SIGTERM is sent to the child. The input ends soon if the signal
     * was sent to the whole process group.
     */
    private static final Duration BEFORE_TERMINATE = Duration.ofSeconds(2);

    private final Process process;
    private final Relay requests;
    private final Relay responses;
    private final int silentLooks;

    private RecordedProcess(Process process, Relay.Source in, Relay.Sink out, Recorder recorder, int silentLooks) {
        this.process = process;
        this.silentLooks = silentLooks;
        requests = new Relay(in, sink(process.getOutputStream()), recorder, EntryKind.REQUEST).start();
        responses = new Relay(source(process.getInputStream()), out, recorder, EntryKind.RESPONSE).start();
    }

    /**
     * Starts an agent on this process's STDIN, STDOUT and STDERR, and forwards everything.
     *
     * @throws IOException if the agent cannot be started
     */
    public static RecordedProcess start(List<String> command, Recorder recorder) throws IOException {
        return start(
                command,
                source(new FileInputStream(FileDescriptor.in).getChannel()),
                sink(new FileOutputStream(FileDescriptor.out).getChannel()),
                recorder,
                SILENT_LOOKS);
    }

    /**
     * Like {@link #start(List, Recorder)}, on other streams.
     *
     * @param silentLooks the number of observations without output after which the output is assumed to be complete
     */
    static RecordedProcess start(
            List<String> command, Relay.Source in, Relay.Sink out, Recorder recorder, int silentLooks)
            throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new RecordedProcess(process, in, out, recorder, silentLooks);
    }

    /**
     * Waits until the child has exited and everything has been forwarded; returns the child's exit status, which is 128
     * plus the signal's number if a signal killed the child.
     */
    public int converse() throws InterruptedException {
        int status = process.waitFor();
        // The child's output must still be forwarded, however slowly it is read. But children of the child may keep its
        // STDOUT open forever, and Kapacitor would then wait for this process forever.
        for (int silent = 0; silent < silentLooks && !responses.awaitEnd(LOOK); silent++) {
            if (!responses.isReading()) {
                silent = 0;
            }
        }
        return status;
    }

    /**
     * Sends SIGTERM to the child if the child's input does not end within two seconds. The wait allows for a supervisor
     * that signals all processes of a service itself: a child that receives SIGTERM twice may drop data.
     */
    public void terminate() {
        if (!requests.awaitEnd(BEFORE_TERMINATE)) {
            // Not Process.destroy, which also closes the streams.
            process.toHandle().destroy();
        }
    }

    /**
     * Waits briefly before the next attempt to read or write. Attempts return immediately if the parent process has
     * made the descriptor non-blocking.
     */
    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    static Relay.Source source(FileChannel channel) {
        return new Relay.Source() {
            @Override
            public int read(byte[] buffer) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(buffer);
                int length = channel.read(bytes);
                while (length == 0) {
                    pause();
                    length = channel.read(bytes);
                }
                return length;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    static Relay.Sink sink(FileChannel channel) {
        return new Relay.Sink() {
            @Override
            public void write(byte[] buffer, int length) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
                while (bytes.hasRemaining()) {
                    if (channel.write(bytes) == 0) {
                        pause();
                    }
                }
            }

            @Override
            public void end() throws IOException {
                channel.close();
            }
        };
    }

    private static Relay.Source source(InputStream stream) {
        return new Relay.Source() {
            @Override
            public int read(byte[] buffer) throws IOException {
                return stream.read(buffer);
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    private static Relay.Sink sink(OutputStream stream) {
        return new Relay.Sink() {
            @Override
            public void write(byte[] buffer, int length) throws IOException {
                stream.write(buffer, 0, length);
                stream.flush();
            }

            @Override
            public void end() throws IOException {
                stream.close();
            }
        };
    }
}
