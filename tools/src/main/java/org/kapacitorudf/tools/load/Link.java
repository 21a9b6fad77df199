package org.kapacitorudf.tools.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * The two byte streams to and from an agent, as channels: a connected socket, or the pipes of a child.
 *
 * <p>Threading: one thread writes and ends the input, one thread reads; {@link #close} is safe for use by any thread.
 */
final class Link implements Closeable {
    private static final Duration PIPE_LIMIT = Duration.ofSeconds(10);

    private final ReadableByteChannel in;
    private final WritableByteChannel out;

    private Link(ReadableByteChannel in, WritableByteChannel out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Connects to a socket.
     *
     * @param sendBufferBytes the size of the system's send buffer; 0 for the default
     */
    static Link connect(Path socket, int sendBufferBytes) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        if (sendBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes);
        }
        return new Link(channel, channel);
    }

    /**
     * Takes over the pipes of a child. The JDK provides streams, which copy every byte twice; the pipes are therefore
     * opened again by their names in {@code /proc}.
     */
    static Link to(Process child) throws IOException {
        Path descriptors = Path.of("/proc", Long.toString(child.pid()), "fd");
        FileChannel stdin = openPipe(child, descriptors.resolve("0"), StandardOpenOption.WRITE);
        FileChannel stdout = openPipe(child, descriptors.resolve("1"), StandardOpenOption.READ);
        child.getOutputStream().close();
        child.getInputStream().close();
        return new Link(stdout, stdin);
    }

    /**
     * Opens a pipe by the name of a descriptor. The STDIN of a shell may briefly be a file, which writing would modify;
     * the channel is therefore used only if it is a pipe.
     */
    private static FileChannel openPipe(Process child, Path descriptor, StandardOpenOption option) throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < PIPE_LIMIT.toNanos()) {
            try {
                FileChannel channel = FileChannel.open(descriptor, option);
                if (isPipe(channel)) {
                    return channel;
                }
                channel.close();
            } catch (AccessDeniedException e) {
                // The descriptor is a file.
            } catch (NoSuchFileException e) {
                // The descriptor is missing for a moment while a shell replaces it.
                if (!child.isAlive()) {
                    throw e;
                }
            }
            Thread.onSpinWait();
        }
        throw new IOException(descriptor + ": no pipe within " + PIPE_LIMIT.toSeconds() + " s (expected: the child's)");
    }

    /** Whether the channel is a pipe, which has no position. */
    private static boolean isPipe(FileChannel channel) {
        try {
            channel.position();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    ReadableByteChannel in() {
        return in;
    }

    WritableByteChannel out() {
        return out;
    }

    /**
     * The socket, for a selector.
     *
     * @throws IllegalStateException for a child, which has pipes
     */
    SocketChannel socket() {
        if (in instanceof SocketChannel socket) {
            return socket;
        }
        throw new IllegalStateException("link: pipes (expected: a socket)");
    }

    /**
     * Sends a request and waits for the answer; answers to keepalives are skipped. Must not be called while data is
     * being sent.
     */
    Response ask(Request request) throws IOException {
        writeAll(ByteBuffer.wrap(Frames.encode(request)));
        InputStream stream = Channels.newInputStream(in);
        Response answer = Response.parseDelimitedFrom(stream);
        while (answer != null && answer.hasKeepalive()) {
            answer = Response.parseDelimitedFrom(stream);
        }
        if (answer == null) {
            throw new IOException("the agent ended its output instead of answering " + request.getMessageCase());
        }
        if (answer.hasError()) {
            throw new IOException(
                    "the agent sent an error: " + answer.getError().getError());
        }
        return answer;
    }

    void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Ends the agent's input. */
    void endInput() throws IOException {
        if (out instanceof SocketChannel socket) {
            socket.shutdownOutput();
        } else {
            out.close();
        }
    }

    /** Ends both directions. */
    @Override
    public void close() throws IOException {
        try (in) {
            out.close();
        }
    }
}
