package org.kapacitorudf.testkit;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * A whole agent but for the transport, with one connection: bytes go in and come out in the caller's thread. For measuring
 * what the agent itself costs; tests want a {@link UdfDriver}.
 *
 * <p>Threading: any thread, but one at a time.
 *
 * <p>Errors: {@link StandInException} when the function is not started.
 */
public final class CallerAgent {
    private final CallerLoop loop = new CallerLoop(Instant.EPOCH);
    private final CallerChannel channel = new CallerChannel();

    private CallerAgent() {}

    /** Starts a function. */
    public static CallerAgent start(Udf udf, Option... options) {
        CallerAgent agent = new CallerAgent();
        AgentRuntime runtime =
                AgentRuntime.inline(AgentConfig.defaults(), agent.loop, (text, cause) -> {}, UnaryOperator.identity());
        agent.loop.turn(() -> {
            runtime.install(agent.channel, UdfFunction.of(udf));
            return agent.loop.register(agent.channel);
        });
        agent.init(InitRequest.newBuilder()
                .setTaskID("task")
                .setNodeID("node")
                .addAllOptions(List.of(options))
                .build());
        return agent;
    }

    private void init(InitRequest init) {
        byte[] answer = new byte[AgentConfig.defaults().maxOptionBytes()];
        int length = exchange(Frames.encode(Request.newBuilder().setInit(init).build()), answer);
        List<Response> responses = Frames.responses(Arrays.copyOf(answer, length));
        InitResponse response = responses.get(0).getInit();
        if (!response.getSuccess()) {
            throw new StandInException("init: " + response.getError());
        }
    }

    /**
     * Lets the agent read some bytes, and takes all that it writes.
     *
     * @param answer gets what it writes
     * @return how much that is
     */
    public int exchange(byte[] bytes, byte[] answer) {
        return loop.turn(() -> {
            channel.give(bytes);
            loop.runTasks();
            int length = channel.take(answer, 0, answer.length);
            return Math.max(length, 0);
        });
    }
}
