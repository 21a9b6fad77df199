package org.kapacitorudf.client;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** A connection to an agent's Unix socket. */
final class SocketTransport implements Transport {
    private static final long DIAL_PAUSE_MILLIS = 20;

    private final SocketChannel channel;

    private SocketTransport(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects, trying repeatedly until the limit. Kapacitor tries for five minutes. */
    static SocketTransport connect(Path path, Duration limit) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        long start = System.nanoTime();
        while (true) {
            try {
                return new SocketTransport(SocketChannel.open(address));
            } catch (IOException e) {
                if (System.nanoTime() - start >= limit.toNanos()) {
                    throw new IOException(
                            "socket: " + path + " (expected: one that an agent listens on): " + e.getMessage(), e);
                }
            }
            try {
                Thread.sleep(DIAL_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while dialling " + path, e);
            }
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public void narrow() throws IOException {
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 1);
    }

    @Override
    public void endInput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(buffer, offset, length));
    }

    @Override
    public void release() {
        kill();
    }

    @Override
    public void drop() {
        kill();
    }

    @Override
    public void kill() {
        try {
            channel.close();
        } catch (IOException e) {
            // The channel is closed in spite of the exception.
        }
    }
}
