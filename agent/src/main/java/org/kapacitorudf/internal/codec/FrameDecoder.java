package org.kapacitorudf.internal.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.util.List;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Splits the stream of bytes into message bodies. Only frames that arrive in parts go through Netty's decoder.
 *
 * <pre>
 *   BEFORE  AC 02 | 300 bytes | 00 | 05 | 5 bytes      ByteBufs, cut anywhere
 *   AFTER   [300 bytes] [] [5 bytes]                   one byte[] each, never shared
 * </pre>
 *
 * <p>A body that is complete within a read is extracted immediately. A partial body goes through Netty's cumulation:
 * first a heap copy of the length and the available bytes, then exactly the missing bytes. Bytes of the next frame
 * therefore never enter the cumulation. The length is checked before memory is allocated for the body, and the memory
 * grows with the bytes that arrive, not with the announced length.
 *
 * <p>Threading: one instance per channel, on the event loop of the channel.
 *
 * <p>Errors: {@link TooLongFrameException} or {@link CorruptedFrameException}, only once: afterwards all input is
 * discarded, because the start of the next frame is unknown. {@link PrematureChannelClosureException} when the input
 * ends within a frame; it is fired before the event that reports the end of the input.
 */
public final class FrameDecoder extends ProtobufVarint32FrameDecoder {
    private static final int MAX_LENGTH_BYTES = 5;
    private static final int FIRST_CAPACITY_BYTES = 4096;

    private final int maxFrameBytes;

    private int lengthBytes;
    private long length;
    private boolean isLengthKnown;
    private int missingBytes; // of the body, once its length is known
    private boolean isCorrupt;
    private volatile long bytesIn; // written by the event loop

    /** @param maxFrameBytes the maximum length of a body */
    public FrameDecoder(int maxFrameBytes) {
        super(maxFrameBytes);
        this.maxFrameBytes = maxFrameBytes;
    }

    /** The number of bytes received. Safe for use by any thread. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Whether only a part of the current frame has been received. */
    public boolean isWithinFrame() {
        return lengthBytes > 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (!(message instanceof ByteBuf in)) {
            context.fireChannelRead(message);
            return;
        }
        bytesIn += in.readableBytes();
        try {
            while (!isCorrupt && in.isReadable()) {
                if (!isLengthKnown) {
                    readLength(in);
                }
                if (isLengthKnown) {
                    readBody(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    /** Reads the length. Netty's decoder would read 2^32 + 5 as 5, and would go on reading after an invalid length. */
    private void readLength(ByteBuf in) {
        while (in.isReadable()) {
            byte next = in.readByte();
            length |= (next & 0x7FL) << 7 * lengthBytes;
            lengthBytes++;
            if (next >= 0) {
                if (length > maxFrameBytes) {
                    throw corrupt(new TooLongFrameException(
                            "frame length: " + length + " (expected: <= " + maxFrameBytes + ")"));
                }
                isLengthKnown = true;
                missingBytes = (int) length;
                return;
            }
            if (lengthBytes == MAX_LENGTH_BYTES) {
                throw corrupt(new CorruptedFrameException("frame length: a varint of more than " + MAX_LENGTH_BYTES
                        + " bytes (expected: at most as many)"));
            }
        }
    }

    private DecoderException corrupt(DecoderException problem) {
        isCorrupt = true;
        endFrame();
        return problem;
    }

    private void endFrame() {
        lengthBytes = 0;
        length = 0;
        isLengthKnown = false;
    }

    private void readBody(ChannelHandlerContext context, ByteBuf in) throws Exception {
        int arrivedBytes = Math.min(missingBytes, in.readableBytes());
        if (arrivedBytes == length) {
            byte[] body = new byte[arrivedBytes];
            in.readBytes(body);
            endFrame();
            context.fireChannelRead(body);
        } else if (arrivedBytes > 0) {
            ByteBuf part = missingBytes == length ? firstPart(in) : nextPart(in, arrivedBytes);
            missingBytes -= arrivedBytes;
            if (missingBytes == 0) {
                endFrame();
            }
            super.channelRead(context, part);
        }
    }

    private ByteBuf firstPart(ByteBuf in) {
        byte[] header = new byte[MAX_LENGTH_BYTES];
        int headerBytes = Wire.writeVarint(header, 0, length);
        return Unpooled.buffer(capacity(headerBytes + in.readableBytes()))
                .writeBytes(header, 0, headerBytes)
                .writeBytes(in);
    }

    /**
     * Returns the next part of a frame, and enlarges the cumulation for it. Netty would enlarge the cumulation in small
     * steps, and copy a large frame once for each step.
     */
    private ByteBuf nextPart(ByteBuf in, int bytes) {
        ByteBuf frame = internalBuffer();
        if (frame.writableBytes() < bytes) {
            frame.capacity(capacity(frame.writerIndex() + bytes));
        }
        return in.readRetainedSlice(bytes);
    }

    /** Returns a capacity of twice the bytes that have arrived, but at most the size of the frame. */
    private int capacity(int arrivedBytes) {
        return (int) Math.min(MAX_LENGTH_BYTES + length, Math.max(FIRST_CAPACITY_BYTES, 2L * arrivedBytes));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        super.decode(context, in, out);
        if (!out.isEmpty()) {
            ByteBuf body = (ByteBuf) out.remove(0);
            try {
                out.add(ByteBufUtil.getBytes(body));
            } finally {
                body.release();
            }
        }
    }

    /**
     * Fires its exception instead of throwing it: if it were thrown, Netty would lose the event for the end of the
     * input.
     */
    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (isWithinFrame()) {
            String expected = isLengthKnown ? length + " before the end of the input" : "a complete length";
            String found =
                    isLengthKnown ? length - missingBytes + " bytes" : "a length cut off after byte " + lengthBytes;
            endFrame();
            context.fireExceptionCaught(
                    new PrematureChannelClosureException("frame: " + found + " (expected: " + expected + ")"));
        }
    }

    /**
     * Does not request a read, unlike Netty's decoder: only the session decides when a channel without auto-read is
     * read.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
    }
}
