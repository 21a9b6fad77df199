package org.kapacitorudf.contract;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.DaemonDeath;
import org.kapacitorudf.client.FrameReader;
import org.kapacitorudf.client.ResponseRules;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;
import org.kapacitorudf.proto.Response;

/**
 * A connection to a function for arbitrary input, on the caller's thread; the output is checked like Kapacitor does.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: {@link IllegalStateException} for output that Kapacitor could not read, or that would crash it.
 */
final class RawConnection {
    private final CallerChannel channel = new CallerChannel();
    private final FrameReader frames = new FrameReader(channel::take, FrameReader.KAPACITOR_BUFFER_BYTES);
    private final ResponseRules rules = new ResponseRules(this::warn);
    private final List<Response> responses = new ArrayList<>();
    private final Session session;

    RawConnection(UdfFunction function, AgentConfig config) {
        AgentRuntime runtime = AgentRuntime.of(config, Runnable::run);
        session = runtime.install(channel, function);
        channel.open();
    }

    /** Passes bytes to the agent in one read. */
    void give(byte[] bytes) {
        channel.give(bytes);
        takeOutput();
    }

    /** Ends the agent's input, as Kapacitor does. */
    void endInput() {
        channel.endInput();
        takeOutput();
    }

    /** Closes the other end of the connection. */
    void breakOff() {
        channel.close();
        takeOutput();
    }

    private void takeOutput() {
        try {
            while (frames.next()) {
                take(Arrays.copyOfRange(frames.body(), frames.bodyOffset(), frames.bodyOffset() + frames.bodyLength()));
            }
        } catch (DaemonDeath | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(byte[] body) throws DaemonDeath, IOException {
        Response response;
        try {
            response = Response.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            // Invalid text in a point that was not read is returned unchanged.
            if (!e.getMessage().contains("UTF-8") || !(Requests.decode(body) instanceof Point)) {
                throw e;
            }
            rules.takePoint();
            return;
        }
        rules.take(response);
        responses.add(response);
    }

    /**
     * Responses that Kapacitor accepts but misinterprets. A batch with points of another group, and a field with two
     * types, come from the input.
     */
    private void warn(String warning) {
        if (!warning.contains("assigned to batch") && !warning.contains("in two typed maps")) {
            throw new IllegalStateException(warning);
        }
    }

    /** Whether the agent has ended its output, and its handler has been notified. */
    boolean isOver() {
        return !channel.isOpen() && session.ended().isDone();
    }

    /** All responses so far. */
    List<Response> responses() {
        return responses;
    }
}
