package org.kapacitorudf.internal.codec;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.kapacitorudf.internal.wire.MalformedMessageException;

/**
 * Decodes message bodies into requests.
 *
 * <pre>
 *   BEFORE  [0A 00] [8A 01 E1 01 | 225 bytes] [92 01 02 | 0A 00]      byte[]
 *   AFTER   Info    Point                     BatchEnd                as returned by Requests.decode
 * </pre>
 *
 * <p>Threading: one instance per channel, on the event loop of the channel.
 *
 * <p>Errors: {@link MalformedMessageException}, only once: afterwards all input is discarded.
 */
public final class RequestDecoder extends ChannelInboundHandlerAdapter {
    private boolean isMalformed;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof byte[] frame)) {
            context.fireChannelRead(message);
            return;
        }
        if (isMalformed) {
            return;
        }
        Object request;
        try {
            request = Requests.decode(frame);
        } catch (MalformedMessageException e) {
            isMalformed = true;
            context.fireExceptionCaught(e);
            return;
        }
        context.fireChannelRead(request);
    }
}
