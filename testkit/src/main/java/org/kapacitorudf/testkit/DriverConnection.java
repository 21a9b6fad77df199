package org.kapacitorudf.testkit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.ResponseStream;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * One connection of a {@link UdfDriver}, that is one handler, from its Init to its end: in the place of Kapacitor, it
 * sends bytes to a session and reads what comes back.
 *
 * <p>Threading: within turns of the loop only.
 *
 * <p>Errors: {@link StandInException} when the session does what it must not.
 */
final class DriverConnection {
    private final CallerLoop loop;
    private final Consumer<Response> data;
    private final CallerChannel channel = new CallerChannel();
    private final ResponseStream responses = new ResponseStream(channel::take, this::take);
    private final Session session;
    private boolean inputEnded;
    private MessageCase asked;
    private Response answer;
    private String error;

    /** @param data given each begin, point and end that comes */
    DriverConnection(CallerLoop loop, AgentRuntime runtime, UdfFunction function, Consumer<Response> data) {
        this.loop = loop;
        this.data = data;
        session = runtime.install(channel, function);
        loop.register(channel);
    }

    /** Sends a request, and gives its answer. */
    Response ask(Request request, MessageCase kind) {
        asked = kind;
        answer = null;
        send(List.of(request));
        if (answer == null) {
            throw new StandInException(kind + ": no answer, kapacitord would hang");
        }
        return answer;
    }

    /** Sends some requests. */
    void send(List<Request> requests) {
        channel.give(Frames.encodeAll(requests));
        readOn();
    }

    /** Ends the handler's input, and with it the connection. */
    void endInput() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        channel.endInput();
        readOn();
        if (channel.isOpen() || !session.ended().isDone()) {
            throw new StandInException("end: the output has not ended, kapacitord would hang");
        }
    }

    /** Reads what has come, also from threads of the handler's own. */
    void readOn() {
        loop.runTasks();
        responses.read();
        if (error != null) {
            // As Kapacitor, which ends the input of a function that has sent an error.
            endInput();
        }
    }

    /** Takes what the handler has emitted in a call that never comes back. */
    void flush() {
        session.flush();
        responses.read();
    }

    boolean hasEnded() {
        return inputEnded;
    }

    /** How often the handler has been replaced. */
    int restarts() {
        return session.restarts();
    }

    /** How many values were not finite. */
    long nonFinite() {
        return session.view().counts().nonFinite();
    }

    /** The function's own counts, by name. */
    Map<String, Long> counters() {
        return session.view().counts().counters();
    }

    /** How many points have been given to it, the one at hand included. */
    long pointsIn() {
        return session.view().counts().pointsIn();
    }

    /** What ended the task. */
    Optional<String> error() {
        return Optional.ofNullable(error);
    }

    private void take(Response response) {
        if (error != null) {
            // Kapacitor reads nothing after it.
            return;
        }
        switch (response.getMessageCase()) {
            case BEGIN, POINT, END -> data.accept(response);
            case ERROR -> error = response.getError().getError();
            case INFO, INIT, SNAPSHOT, RESTORE -> answered(response);
            default -> {}
        }
    }

    private void answered(Response response) {
        if (response.getMessageCase() != asked) {
            throw new StandInException(
                    "protocol: answer to " + response.getMessageCase() + ": unasked (expected: one for each request)");
        }
        asked = null;
        answer = response;
    }
}
