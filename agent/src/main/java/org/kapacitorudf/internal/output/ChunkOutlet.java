package org.kapacitorudf.internal.output;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.channel.UnixChannel;

/**
 * The place in the pipeline where chunks of complete frames enter. It is between the socket and the pipeline handler
 * that prepends a length to each answer, because chunks must not get a length.
 *
 * <p>Threading: one instance per channel, on its event loop unless noted otherwise.
 */
public final class ChunkOutlet extends ChannelInboundHandlerAdapter {
    private final boolean isTraced;
    private ChannelHandlerContext context;
    private @Nullable UnixChannel direct; // null if a handler must see the chunks, or if the channel has another type

    /** @param isTraced whether a handler closer to the socket traces the output */
    public ChunkOutlet(boolean isTraced) {
        this.isTraced = isTraced;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        direct = context.channel() instanceof UnixChannel channel && !isTraced ? channel : null;
    }

    /** Writes a chunk and takes ownership of the buffer. */
    ChannelFuture write(ByteBuf chunk, ChannelPromise written) {
        return context.write(chunk, written);
    }

    /**
     * The channel, for direct writes with {@link UnixChannel#tryWrite}; null if direct writes are not possible. For use
     * by the event loop, and by the thread to which the event loop has passed the input.
     */
    @Nullable
    UnixChannel direct() {
        return direct;
    }
}
