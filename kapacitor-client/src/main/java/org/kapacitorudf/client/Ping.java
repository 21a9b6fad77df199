package org.kapacitorudf.client;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * The result of pinging the agent at a socket: sending Info, as Kapacitor does at startup, and then a keepalive
 * request.
 *
 * <p>The session ends cleanly, as with Kapacitor, because some agents exit when a connection breaks.
 *
 * <p>Threading: safe for use by any thread; {@link #of} waits no longer than its limit.
 *
 * @param info the agent's answer to Info
 * @param owner the owner of the agent's process, {@code user:group}
 * @param connectNanos how long it took to connect
 * @param infoNanos how long the agent took to answer Info
 * @param keepaliveNanos how long the agent took to answer a keepalive request
 */
public record Ping(InfoResponse info, String owner, long connectNanos, long infoNanos, long keepaliveNanos) {
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int SOCKET_TYPE = 0140000;
    private static final int MAX_RESPONSE_BYTES = 1 << 20;

    /**
     * Queries an agent.
     *
     * @throws IOException if no agent answers within the limit; the message describes what is there instead
     */
    public static Ping of(Path socket, Duration limit) throws IOException {
        check(socket);
        loadClasses();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            PingConversation talk = new PingConversation(channel, socket);
            CompletableFuture<Ping> outcome = new CompletableFuture<>();
            Thread thread = new Thread(() -> talk.converse(outcome), "ping");
            thread.setDaemon(true);
            thread.start();
            try {
                return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw new IOException(socket + ": " + talk.explain(e), e);
            } catch (TimeoutException e) {
                throw new IOException(socket + ": " + talk.failure + " within " + limit.toMillis() + " ms", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(socket + ": interrupted", e);
        }
    }

    /**
     * Loads classes before measuring; otherwise, loading them would add a considerable part of a second to the agent's
     * times.
     */
    private static void loadClasses() throws IOException {
        Response info = Response.newBuilder()
                .setInfo(InfoResponse.newBuilder().putOptions("", OptionInfo.getDefaultInstance()))
                .build();
        Response.parseFrom(info.toByteArray());
        Frames.encode(
                Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build());
    }

    private static void check(Path socket) throws IOException {
        int mode;
        try {
            mode = (int) Files.getAttribute(socket, "unix:mode");
        } catch (NoSuchFileException e) {
            throw new IOException(socket + ": no such file (expected: the socket of an agent)", e);
        } catch (AccessDeniedException e) {
            throw new IOException(socket + ": permission denied (expected: a directory that this user may enter)", e);
        }
        if ((mode & FILE_TYPE_MASK) != SOCKET_TYPE) {
            throw new IOException(socket + ": not a socket (expected: the socket of an agent)");
        }
    }

    private static final class PingConversation {
        private final SocketChannel channel;
        private final Path socket;
        private final FrameReader frames;
        private volatile String failure = "no connection was accepted";

        PingConversation(SocketChannel channel, Path socket) {
            this.channel = channel;
            this.socket = socket;
            this.frames = new FrameReader(
                    (bytes, offset, length) -> channel.read(ByteBuffer.wrap(bytes, offset, length)),
                    FrameReader.KAPACITOR_BUFFER_BYTES,
                    MAX_RESPONSE_BYTES);
        }

        void converse(CompletableFuture<Ping> outcome) {
            try {
                long start = System.nanoTime();
                channel.connect(UnixDomainSocketAddress.of(socket));
                long connectNanos = System.nanoTime() - start;
                String owner = owner();
                failure = "Info was not answered";
                start = System.nanoTime();
                InfoResponse info = ask(
                                Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()), MessageCase.INFO)
                        .getInfo();
                long infoNanos = System.nanoTime() - start;
                failure = "Keepalive was not answered";
                start = System.nanoTime();
                ask(
                        Request.newBuilder()
                                .setKeepalive(KeepaliveRequest.newBuilder().setTime(1)),
                        MessageCase.KEEPALIVE);
                long keepaliveNanos = System.nanoTime() - start;
                failure = "the output did not end after the end of the input";
                channel.shutdownOutput();
                skipToTheEnd();
                outcome.complete(new Ping(info, owner, connectNanos, infoNanos, keepaliveNanos));
            } catch (IOException | DaemonDeath | RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        }

        private String owner() {
            try {
                UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
                return peer.user().getName() + ":" + peer.group().getName();
            } catch (IOException | UnsupportedOperationException e) {
                return "";
            }
        }

        /** Sends a request, and returns its answer. Skips other messages that precede the answer. */
        private Response ask(Request.Builder request, MessageCase kind) throws IOException, DaemonDeath {
            channel.write(ByteBuffer.wrap(Frames.encode(request.build())));
            Response response = read();
            while (response.getMessageCase() != kind) {
                if (response.hasError()) {
                    throw new IOException("an error: " + response.getError().getError());
                }
                response = read();
            }
            return response;
        }

        private Response read() throws IOException, DaemonDeath {
            if (!frames.next()) {
                throw new EOFException("the end of the output");
            }
            Response response = Response.parser().parseFrom(frames.body(), frames.bodyOffset(), frames.bodyLength());
            if (response.getMessageCase() == MessageCase.MESSAGE_NOT_SET) {
                throw new IOException("an empty message");
            }
            return response;
        }

        private void skipToTheEnd() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(FrameReader.KAPACITOR_BUFFER_BYTES);
            while (channel.read(bytes) >= 0) {
                bytes.clear();
            }
        }

        String explain(ExecutionException outcome) {
            Throwable cause = outcome.getCause();
            if (cause == null) {
                return failure;
            }
            String text = String.valueOf(cause.getMessage());
            if (text.contains("refused")) {
                return "nothing listens (expected: an agent)";
            }
            if (text.contains("ermission denied")) {
                return "permission denied (expected: a socket that this user may write to)";
            }
            if (cause instanceof InvalidProtocolBufferException) {
                text = "invalid response: " + text;
            }
            return failure + " but by " + text + " (expected: an agent)";
        }
    }
}
