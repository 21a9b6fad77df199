package org.kapacitorudf.internal.codec;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.protobuf.ProtobufVarint32LengthFieldPrepender;

/**
 * Prepends the message length to each message. Uses Netty's encoder.
 *
 * <pre>
 *   BEFORE  [1A 02 08 05]         AFTER  04 | 1A 02 08 05
 * </pre>
 *
 * <p>The methods are overridden only to keep Netty from parsing annotations, which would load proxy classes at each
 * start of a process UDF.
 *
 * <p>Threading: one instance for any number of channels.
 */
public final class LengthPrepender extends ProtobufVarint32LengthFieldPrepender {
    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    @SuppressWarnings("deprecation") // for outbound handlers
    public void exceptionCaught(ChannelHandlerContext context, Throwable problem) {
        context.fireExceptionCaught(problem);
    }
}
