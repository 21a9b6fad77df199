package org.kapacitorudf.internal.channel;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.PromiseCombiner;

/**
 * A channel to Kapacitor: its two halves close separately, and it tells how far its output has got.
 *
 * <p>When the peer ends its output (its half-close), the pipeline gets a
 * {@link io.netty.channel.socket.ChannelInputShutdownEvent}, once all that was sent before has been read; the channel
 * stays open and writable. A {@link io.netty.channel.socket.ChannelInputShutdownReadComplete} follows, at once or with
 * the next read. An end of the input that nobody asks for, because reading is paused, waits.
 *
 * <p>{@link #shutdownOutput()} ends our own output and discards what is not written yet. To end it after everything:
 *
 * <pre>{@code
 * channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel.shutdownOutput());
 * }</pre>
 *
 * <p>Threading: as with every Netty channel, any thread.
 *
 * <p>Errors: a write to a peer that is gone fails and closes the channel; a read that fails is reported to the
 * pipeline and is then an end of the input.
 */
public interface ProgressChannel extends DuplexChannel {
    /**
     * The number of bytes that the operating system has taken from this channel so far: it never decreases.
     *
     * <p>While output is pending it grows if, and only if, the peer reads. It may stand still for as long as the peer
     * needs to read 64 KiB, and a second more.
     *
     * <p>Threading: any thread, also while the event loop is blocked.
     */
    long bytesWritten();

    @Override
    default boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    default ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    default ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    default ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    default ChannelFuture shutdown(ChannelPromise promise) {
        eventLoop().execute(() -> {
            PromiseCombiner both = new PromiseCombiner(eventLoop());
            both.add(shutdownOutput());
            both.add(shutdownInput());
            both.finish(promise);
        });
        return promise;
    }
}
