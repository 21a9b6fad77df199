package org.kapacitorudf.internal.session;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Set;
import java.util.stream.Collectors;
import org.kapacitorudf.Description;
import org.kapacitorudf.internal.codec.MessageText;
import org.kapacitorudf.internal.host.ConnectionLog;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Request;
import org.slf4j.Logger;

/**
 * Logs every message of one connection as a line of text: {@code >} marks messages from Kapacitor as they arrive,
 * {@code <} messages to Kapacitor as they leave. Secret options are hidden, and long messages are cut.
 *
 * <p>It is in the pipeline only if tracing is enabled. It is directly after the frame decoder, and therefore also sees
 * messages that cannot be decoded.
 *
 * <p>Threading: one instance per channel, on the event loop of the channel. The event loop waits while a line is
 * written.
 */
final class MessageTrace extends ChannelDuplexHandler {
    /** The maximum length of a line; longer lines would make a log of all messages too long. */
    private static final int MAX_CHARACTERS = 2000;

    private static final int MORE_TO_COME = 0x80;

    private final long connection;
    private final String udf;
    private final Set<String> secrets;
    private Logger log;

    MessageTrace(long connection, Description description) {
        this.connection = connection;
        this.udf = description.name();
        this.secrets = description.options().stream()
                .filter(Option::isSecret)
                .map(Option::name)
                .collect(Collectors.toSet());
        this.log = ConnectionLog.ofTrace(connection, udf, "", "");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof byte[] frame) {
            nameConnection(frame);
            log.trace("> {}", MessageText.ofRequest(frame, MAX_CHARACTERS, secrets));
        }
        context.fireChannelRead(message);
    }

    /** Adds the names of the task and the node to the log. They are known from Init on. */
    private void nameConnection(byte[] frame) {
        if (!MessageText.isInit(frame)) {
            return;
        }
        try {
            InitRequest init = Request.parseFrom(frame).getInit();
            log = ConnectionLog.ofTrace(connection, udf, init.getTaskID(), init.getNodeID());
        } catch (InvalidProtocolBufferException e) {
            // The trace line of this message reports the problem.
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            log.trace("> end of the input");
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf frames) {
            logFrames(frames.duplicate());
        }
        context.write(message, promise);
    }

    /** Logs each frame of a write. A write consists of complete frames. */
    private void logFrames(ByteBuf frames) {
        while (frames.isReadable()) {
            int length = 0;
            int next = MORE_TO_COME;
            for (int shift = 0; (next & MORE_TO_COME) != 0; shift += 7) {
                next = frames.readByte();
                length |= (next & 0x7F) << shift;
            }
            byte[] frame = new byte[length];
            frames.readBytes(frame);
            log.trace("< {}", MessageText.ofResponse(frame, MAX_CHARACTERS));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        log.trace("closed");
        context.fireChannelInactive();
    }
}
