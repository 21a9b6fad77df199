package org.kapacitorudf.internal.channel;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.PromiseCombiner;

/**
 * A channel to Kapacitor. Its input and its output close separately, and it reports the progress of its output.
 *
 * <p>When the peer has ended its output (a half-close), and all of this output has been read, the pipeline gets a
 * {@link io.netty.channel.socket.ChannelInputShutdownEvent}. The channel stays open and writable. A
 * {@link io.netty.channel.socket.ChannelInputShutdownReadComplete} follows, immediately or with the next read. While
 * reading is paused, the end of the input is not reported.
 *
 * <p>{@link #shutdownOutput()} ends the output and discards pending data. To end the output after all data has been
 * written:
 *
 * <pre>{@code
 * channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel.shutdownOutput());
 * }</pre>
 *
 * <p>Threading: like every Netty channel, safe for use by any thread.
 *
 * <p>Errors: a write fails and closes the channel if the peer has disconnected. A failed read is reported to the
 * pipeline and then treated as the end of the input.
 */
public interface ProgressChannel extends DuplexChannel {
    /**
     * The number of bytes that the operating system has accepted from this channel so far. Never decreases.
     *
     * <p>While output is pending, the number grows if and only if the peer reads. It may lag by up to one second plus
     * the time that the peer needs to read 64 KiB.
     *
     * <p>Threading: safe for use by any thread, even while the event loop is blocked.
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
