package org.kapacitorudf.internal.channel;

import io.netty.channel.Channel;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A channel and its peer, over descriptors of the operating system.
 *
 * @param channel the tested channel, registered
 * @param peerIn the peer's input; blocks
 * @param peerOut the peer's output; blocks
 * @param peerHalfClose ends the peer's output
 */
record Link(Channel channel, ReadableByteChannel peerIn, WritableByteChannel peerOut, Closeable peerHalfClose)
        implements AutoCloseable {

    long bytesWritten() {
        return ((ProgressChannel) channel).bytesWritten();
    }

    void peerWrites(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            peerOut.write(bytes);
        }
    }

    /** Reads the given number of bytes, or up to the end. */
    ByteBuffer peerReads(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        int read;
        do {
            read = peerIn.read(bytes);
        } while (read >= 0 && bytes.hasRemaining());
        return bytes.flip();
    }

    void peerCloses() throws IOException {
        peerOut.close();
        peerIn.close();
    }

    @Override
    public void close() throws IOException {
        peerCloses();
        channel.close().syncUninterruptibly();
    }
}
