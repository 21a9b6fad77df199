package org.kapacitorudf.internal.output;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.kapacitorudf.internal.channel.UnixChannel;

/**
 * Where chunks of whole frames enter a pipeline: between the socket and the handler that puts a length before each answer, which would put one before a chunk too.
 *
 * <p>Threading: one instance for one channel, on its event loop, but for what says otherwise.
 */
public final class ChunkOutlet extends ChannelInboundHandlerAdapter {
    private final boolean isTraced;
    private ChannelHandlerContext context;
    private UnixChannel direct; // null if chunks have to pass a handler, or the transport cannot do it

    /** @param isTraced whether a handler nearer to the socket wants to see what is written */
    public ChunkOutlet(boolean isTraced) {
        this.isTraced = isTraced;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        direct = context.channel() instanceof UnixChannel channel && !isTraced ? channel : null;
    }

    /** Writes a chunk. Takes over the buffer. */
    ChannelFuture write(ByteBuf chunk) {
        return context.write(chunk);
    }

    /** Whether {@link #tryWrite} ever writes anything. Any thread that the event loop has handed its work to. */
    boolean isDirect() {
        return direct != null;
    }

    /**
     * Writes to the transport itself, as {@link UnixChannel#tryWrite} says. Any thread that the event loop has handed
     * its work to.
     */
    int tryWrite(ByteBuf chunk) throws IOException {
        return direct.tryWrite(chunk);
    }
}
