package org.kapacitorudf.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** An agent that listens on a Unix socket and has one session, on its own thread. */
public final class SocketAgent implements AutoCloseable {
    /** The behaviour of an agent on its connection, which is closed afterwards. */
    public interface Script {
        void run(AgentSide kapacitor) throws Exception;

        default Script andThen(Script next) {
            return kapacitor -> {
                run(kapacitor);
                next.run(kapacitor);
            };
        }
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final Thread thread;
    private volatile SocketChannel connection;
    private volatile Exception failure;

    private SocketAgent(Path path, Script script) throws IOException {
        this.path = path;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        thread = new Thread(() -> run(script), "agent");
        thread.start();
    }

    public static SocketAgent start(Path directory, Script script) throws IOException {
        return new SocketAgent(directory.resolve("agent.sock"), script);
    }

    public Path path() {
        return path;
    }

    /** Waits until the script has ended, and returns its exception; null if there was none. */
    public Exception failure() throws InterruptedException {
        thread.join();
        return failure;
    }

    @Override
    public void close() throws IOException {
        server.close();
        SocketChannel open = connection;
        if (open != null) {
            open.close();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(path);
    }

    private void run(Script script) {
        try (SocketChannel channel = server.accept()) {
            connection = channel;
            script.run(new AgentSide(input(channel), output(channel)));
        } catch (Exception e) {
            failure = e;
        }
    }

    private static InputStream input(SocketChannel channel) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
            }
        };
    }

    /** Returns an output that half-closes the socket when it is closed. */
    private static OutputStream output(SocketChannel channel) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }

            @Override
            public void close() throws IOException {
                channel.shutdownOutput();
            }
        };
    }
}
