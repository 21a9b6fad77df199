package org.kapacitorudf.tools.recording;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.kapacitorudf.internal.channel.OwnedSocketFile;
import org.kapacitorudf.internal.channel.SocketFile;

/**
 * Listens on a Unix socket on behalf of an agent. Each connection is forwarded to the agent's socket over a connection
 * of its own, and recorded in a separate file.
 *
 * <p>Threading: safe for use by any thread. It uses two threads per connection.
 *
 * <p>Errors: a connection that cannot be forwarded is closed immediately, with a warning.
 */
public final class RecordingProxy implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(2);

    /** The delay before accepting again when a resource, such as file descriptors, has run out. */
    private static final long ACCEPT_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final ServerSocketChannel listener;
    private final OwnedSocketFile file;
    private final Path target;
    private final Function<String, Recorder> recorders;
    private final Consumer<String> warnings;
    private final Duration writeLimit;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    private RecordingProxy(
            ServerSocketChannel listener,
            OwnedSocketFile file,
            Path target,
            Function<String, Recorder> recorders,
            Consumer<String> warnings,
            Duration writeLimit) {
        this.listener = listener;
        this.file = file;
        this.target = target;
        this.recorders = recorders;
        this.warnings = warnings;
        this.writeLimit = writeLimit;
    }

    /**
     * Starts listening.
     *
     * @param target the socket to connect to for each connection
     * @param recorders the function that starts a recording; its argument describes what is recorded
     * @throws IOException if the socket cannot be bound; the message gives the reason
     */
    @SuppressWarnings("exports") // only the server calls it
    public static RecordingProxy listen(
            SocketFile socket, Path target, Function<String, Recorder> recorders, Consumer<String> warnings)
            throws IOException {
        return listen(socket, target, recorders, warnings, WRITE_LIMIT);
    }

    /**
     * Like {@link #listen(SocketFile, Path, Function, Consumer)}.
     *
     * @param writeLimit how long the end of a recording may take
     */
    static RecordingProxy listen(
            SocketFile socket,
            Path target,
            Function<String, Recorder> recorders,
            Consumer<String> warnings,
            Duration writeLimit)
            throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            OwnedSocketFile file = OwnedSocketFile.bind(socket, listener, BACKLOG);
            RecordingProxy proxy = new RecordingProxy(listener, file, target, recorders, warnings, writeLimit);
            Thread thread = new Thread(proxy::accept, "proxy");
            thread.setDaemon(true);
            thread.start();
            return proxy;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                pass(listener.accept());
            } catch (IOException e) {
                if (listener.isOpen()) {
                    warnings.accept("a connection cannot be accepted: " + e.getMessage());
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    private void pass(SocketChannel kapacitor) throws IOException {
        SocketChannel agent;
        try {
            agent = SocketChannel.open(UnixDomainSocketAddress.of(target));
        } catch (IOException e) {
            kapacitor.close();
            warnings.accept(target + ": " + e.getMessage() + " (expected: an agent that listens)");
            return;
        }
        Connection connection = new Connection(kapacitor, agent, recorders.apply(target.toString()));
        connections.add(connection);
        Thread thread = new Thread(connection, "connection");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until no connection is open; returns false if that takes longer than the limit. */
    public boolean awaitConnections(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Connection connection : connections) {
            Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
            if (!connection.awaitEnd(left)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Stops listening, and ends the agent's input on each connection, as Kapacitor does when a task is stopped; the
     * agent's remaining output is forwarded.
     */
    @Override
    public synchronized void close() throws IOException {
        if (!listener.isOpen()) {
            return;
        }
        file.remove();
        listener.close();
        connections.forEach(Connection::endInput);
    }

    private final class Connection implements Runnable {
        private final SocketChannel kapacitor;
        private final SocketChannel agent;
        private final Recorder recorder;
        private final Relay requests;
        private final Relay responses;

        @GuardedBy("this")
        private boolean ended;

        Connection(SocketChannel kapacitor, SocketChannel agent, Recorder recorder) {
            this.kapacitor = kapacitor;
            this.agent = agent;
            this.recorder = recorder;
            requests = new Relay(source(kapacitor), sink(agent), recorder, EntryKind.REQUEST);
            responses = new Relay(source(agent), sink(kapacitor), recorder, EntryKind.RESPONSE);
        }

        @Override
        public void run() {
            requests.start();
            responses.run();
            // Kapacitor ends the agent's input after it has seen the end of the agent's output.
            requests.awaitEnd(Duration.ZERO);
            for (SocketChannel channel : new SocketChannel[] {kapacitor, agent}) {
                try {
                    channel.close();
                } catch (IOException e) {
                    // It is closed nevertheless.
                }
            }
            recorder.close("the connection ended", writeLimit);
            connections.remove(this);
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }

        void endInput() {
            try {
                kapacitor.shutdownInput();
            } catch (IOException e) {
                // The input has already ended.
            }
        }

        synchronized boolean awaitEnd(Duration limit) throws InterruptedException {
            long deadline = System.nanoTime() + limit.toNanos();
            for (long left = limit.toMillis(); !ended && left > 0; ) {
                wait(left);
                left = (deadline - System.nanoTime()) / 1_000_000;
            }
            return ended;
        }
    }

    private static Relay.Source source(SocketChannel channel) {
        return new Relay.Source() {
            @Override
            public int read(byte[] buffer) throws IOException {
                return channel.read(ByteBuffer.wrap(buffer));
            }

            @Override
            public void close() throws IOException {
                channel.shutdownInput();
            }
        };
    }

    private static Relay.Sink sink(SocketChannel channel) {
        return new Relay.Sink() {
            @Override
            public void write(byte[] buffer, int length) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }

            @Override
            public void end() throws IOException {
                channel.shutdownOutput();
            }
        };
    }
}
