package org.kapacitorudf.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.Arrays;

/**
 * Splits the stream of bytes into the bodies of messages.
 *
 * <pre>
 *   BEFORE  AC 02 | 300 bytes | 00 | 05 | 5 bytes      ByteBufs, cut anywhere
 *   AFTER   [300 bytes] [] [5 bytes]                   one byte[] each, nobody else's
 * </pre>
 *
 * <p>All frames of one read are passed on in one go. A length is checked before any memory is taken for the body, and the body's memory grows with the bytes
 * that arrive, not with those that are promised.
 *
 * <p>Threading: one instance for one channel, on its event loop.
 *
 * <p>Errors: {@link TooLongFrameException} and {@link CorruptedFrameException}, once; then whatever arrives is discarded, for nobody knows where the next frame
 * begins. {@link PrematureChannelClosureException} when the input ends within a frame, before the event that says so.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int MAX_LENGTH_BYTES = 5;
    private static final int FIRST_CAPACITY_BYTES = 4096;
    private static final byte[] NO_BODY = {};

    private final int maxFrameBytes;

    private int lengthBytes;
    private long length;
    private boolean isLengthKnown;
    private byte[] body = NO_BODY;
    private int bodyBytes;
    private boolean isCorrupt;
    private volatile long bytesIn; // written by the event loop

    /**
     * @param maxFrameBytes how long a body may be
     */
    public FrameDecoder(int maxFrameBytes) {
        if (maxFrameBytes < 1) {
            throw new IllegalArgumentException("maxFrameBytes: " + maxFrameBytes + " (expected: >= 1)");
        }
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf in)) {
            context.fireChannelRead(message);
            return;
        }
        bytesIn += in.readableBytes();
        try {
            while (!isCorrupt && in.isReadable()) {
                if (!isLengthKnown) {
                    readLength(context, in);
                }
                if (isLengthKnown) {
                    readBody(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    /** How many bytes have arrived. Safe for any thread. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Whether a part of a frame has arrived. */
    public boolean isWithinFrame() {
        return lengthBytes > 0;
    }

    private void readLength(ChannelHandlerContext context, ByteBuf in) {
        while (in.isReadable()) {
            byte next = in.readByte();
            length |= (next & 0x7FL) << 7 * lengthBytes;
            lengthBytes++;
            if (next >= 0) {
                isLengthKnown = length <= maxFrameBytes;
                if (!isLengthKnown) {
                    fail(
                            context,
                            new TooLongFrameException(
                                    "frame length: " + length + " (expected: <= " + maxFrameBytes + ")"));
                }
                return;
            }
            if (lengthBytes == MAX_LENGTH_BYTES) {
                fail(
                        context,
                        new CorruptedFrameException("frame length: a varint of more than " + MAX_LENGTH_BYTES
                                + " bytes (expected: at most as many)"));
                return;
            }
        }
    }

    private void readBody(ChannelHandlerContext context, ByteBuf in) {
        int missing = (int) length - bodyBytes;
        int arrived = Math.min(missing, in.readableBytes());
        if (body.length - bodyBytes < arrived || body.length == 0) {
            body = Arrays.copyOf(body, capacity(arrived));
        }
        in.readBytes(body, bodyBytes, arrived);
        bodyBytes += arrived;
        if (arrived == missing) {
            byte[] frame = body;
            reset();
            context.fireChannelRead(frame);
        }
    }

    /** What has arrived and as much again, but never more than the body: the array of a body that is complete has no byte too many. */
    private int capacity(int arrived) {
        long wanted = Math.max(FIRST_CAPACITY_BYTES, 2L * (bodyBytes + arrived));
        return (int) Math.min(length, wanted);
    }

    private void fail(ChannelHandlerContext context, DecoderException problem) {
        reset();
        isCorrupt = true;
        context.fireExceptionCaught(problem);
    }

    private void reset() {
        lengthBytes = 0;
        length = 0;
        isLengthKnown = false;
        body = NO_BODY;
        bodyBytes = 0;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            endInput(context);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        endInput(context);
        context.fireChannelInactive();
    }

    private void endInput(ChannelHandlerContext context) {
        if (lengthBytes > 0) {
            String expected = isLengthKnown ? length + " before the end of the input" : "a whole length";
            String found = isLengthKnown ? bodyBytes + " bytes" : "a length cut off after byte " + lengthBytes;
            reset();
            context.fireExceptionCaught(
                    new PrematureChannelClosureException("frame: " + found + " (expected: " + expected + ")"));
        }
    }
}
