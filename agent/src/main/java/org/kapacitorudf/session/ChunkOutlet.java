package org.kapacitorudf.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Where chunks of whole frames enter a pipeline: between the socket and the handler that puts a length before each answer, which would put one before a chunk too.
 *
 * <p>Threading: one instance for one channel, on its event loop.
 */
final class ChunkOutlet extends ChannelInboundHandlerAdapter {
    private ChannelHandlerContext context;

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    /** Writes a chunk. Takes over the buffer. */
    ChannelFuture write(ByteBuf chunk) {
        return context.write(chunk);
    }
}
