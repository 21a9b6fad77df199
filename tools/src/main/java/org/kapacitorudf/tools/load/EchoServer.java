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
 * Gives all bytes back as they come, without a look at them: the limit of what an agent in Java can do over the same socket
 * or pipes.
 *
 * <p>Blocking reads and writes, with one buffer and one thread for each connection: nothing on the JVM does it with fewer
 * calls of the system. It runs in a process of its own, as an agent does.
 */
public final class EchoServer {
    private static final int BUFFER_BYTES = 64 * 1024;

    private EchoServer() {}

    /** Listens on the socket that is given; without one, echoes STDIN to STDOUT. */
    @SuppressWarnings("resource") // The end of the process is the end of its channels.
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

    /** What starts one. */
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

    /** Where these classes are: a jar, or a directory. */
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
            // Whoever measures has gone, and says why if there is something to say.
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
