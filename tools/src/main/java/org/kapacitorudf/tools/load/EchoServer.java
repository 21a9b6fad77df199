package org.kapacitorudf.tools.load;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Returns all bytes unchanged without examining them. No Java agent on the same socket or pipes can be faster.
 *
 * <p>It uses blocking reads and writes, with one buffer and one thread per connection: no JVM program needs fewer
 * system calls. It runs in a separate process, like an agent.
 */
public final class EchoServer {
    private static final int BUFFER_BYTES = 64 * 1024;

    private EchoServer() {}

    /** Listens on the given socket; without one, copies STDIN to STDOUT. */
    @SuppressWarnings("resource") // The channels are closed when the process ends.
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            echo(
                    new FileInputStream(FileDescriptor.in).getChannel(),
                    new FileOutputStream(FileDescriptor.out).getChannel());
            return;
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(args[0]), Short.MAX_VALUE);
        while (true) {
            SocketChannel connection = server.accept();
            Thread thread = new Thread(() -> echo(connection), "echo");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Returns the command that starts this server. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xss256k",
                "-cp",
                location(),
                EchoServer.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The location of these classes: a jar or a directory. */
    static String location() {
        try {
            return Path.of(EchoServer.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void echo(SocketChannel connection) {
        try (connection) {
            echo(connection, connection);
        } catch (IOException e) {
            // The measuring process has disconnected, and reports problems itself.
        }
    }

    private static void echo(ReadableByteChannel in, WritableByteChannel out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        while (in.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            buffer.clear();
        }
    }
}
