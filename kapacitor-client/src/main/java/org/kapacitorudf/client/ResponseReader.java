package org.kapacitorudf.client;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.function.Consumer;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * Reads responses until the agent's output ends, or until Kapacitor would stop reading.
 *
 * <p>Threading: {@link #run} is for the reading thread.
 */
final class ResponseReader implements Runnable {
    /**
     * The first byte of the tag of a Response's field 17, which is a point. The tag is a varint: 17 times 8, plus 2 for
     * a message.
     */
    private static final int POINT_TAG_LOW = 0x8A;

    private static final int POINT_TAG_HIGH = 0x01;

    private final Kapacitor use;
    private final ConversationState state;
    private final Consumer<Response> consumer;
    private final boolean readsOnAfterAbort;
    private final boolean decodesPoints;
    private final FrameReader frames;
    private final ResponseRules rules;

    ResponseReader(Transport transport, Kapacitor use, ConversationState state, Kapacitor.Builder settings) {
        this.use = use;
        this.state = state;
        consumer = settings.consumer;
        readsOnAfterAbort = settings.afterAbort == Kapacitor.AfterAbort.READ_ON;
        decodesPoints = settings.keeping != Kapacitor.Keeping.NOTHING_DECODED;
        frames = new FrameReader(
                (buffer, offset, length) ->
                        state.mayRead(readsOnAfterAbort) ? transport.read(buffer, offset, length) : -1,
                FrameReader.KAPACITOR_BUFFER_BYTES);
        rules = new ResponseRules(state::warn);
    }

    @Override
    public void run() {
        try {
            boolean goesOn = true;
            while (goesOn && frames.next() && state.mayHandle(readsOnAfterAbort)) {
                goesOn = handle();
                state.handled();
            }
        } catch (DaemonDeath e) {
            use.die(e.getMessage());
        } catch (IOException e) {
            use.fail("read error: " + e.getMessage());
        } catch (RuntimeException e) {
            use.fail("consumer: " + e);
        } finally {
            state.handled();
            use.readerEnded();
        }
    }

    /** Handles the current frame. Returns false if Kapacitor would stop reading after this frame. */
    private boolean handle() throws IOException, DaemonDeath {
        state.arrived();
        if (!decodesPoints && isPoint()) {
            rules.takePoint();
            state.count(MessageCase.POINT);
            return true;
        }
        Response response = decode();
        rules.take(response);
        if (state.phase() != ConversationState.Phase.ABORTED) {
            consumer.accept(response);
        }
        state.received(response);
        if (response.hasError()) {
            use.fail(response.getError().getError());
            return false;
        }
        return true;
    }

    private boolean isPoint() {
        byte[] body = frames.body();
        int offset = frames.bodyOffset();
        return frames.bodyLength() >= 2 && (body[offset] & 0xFF) == POINT_TAG_LOW && body[offset + 1] == POINT_TAG_HIGH;
    }

    private Response decode() throws IOException {
        try {
            return Response.parser().parseFrom(frames.body(), frames.bodyOffset(), frames.bodyLength());
        } catch (InvalidProtocolBufferException e) {
            if (String.valueOf(e.getMessage()).contains("UTF-8")) {
                state.warn("string: invalid UTF-8 (expected: UTF-8)");
            }
            throw e;
        }
    }
}
