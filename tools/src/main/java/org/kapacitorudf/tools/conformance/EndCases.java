package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.tools.conformance.Case.must;
import static org.kapacitorudf.tools.conformance.Case.should;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;

/** Cases about the end of sessions, and about output that Kapacitor does not read. */
final class EndCases {
    private static final int CUTS = 40;
    private static final int CUTS_OF_PROCESSES = 6;
    private static final int ROUNDS = 20;
    private static final int ROUNDS_OF_PROCESSES = 4;
    private static final int PENDING_POINTS = 5_000;
    private static final int STALLED_POINTS = 30_000;
    private static final long SLOW_READ_MESSAGES = 100;
    private static final long SLOW_READ_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long KEEPALIVE_SPACING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int TASK_ID_LENGTH = 200;
    private static final String FREEZES =
            "Kapacitor waits for the end of the output without a limit and under a lock: an agent that does not end blocks all its tasks.";

    private EndCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "end-idle",
                        INIT,
                        "The input ends after Init: the output must end.",
                        FREEZES,
                        probe -> probe.started().finish()),
                must(
                        "end-mid-frame",
                        INIT,
                        "The input ends inside the body of a frame, at up to " + CUTS
                                + " places: the output must end, with or without an error.",
                        "Kapacitor crashes in the middle of a write, or is killed. " + FREEZES,
                        EndCases::midFrame),
                must(
                        "end-mid-length",
                        INIT,
                        "The input ends inside the length of a frame: the output must end, with or without an error.",
                        "Length and body are two writes, and a length may be cut anywhere. " + FREEZES,
                        EndCases::midLength),
                must(
                        "end-after-requests",
                        DATA,
                        "Data, Snapshot and Keepalive, directly followed by the end of the input, " + ROUNDS
                                + " times: both requests are answered before the output ends.",
                        "Kapacitor waits for the answer to each request, even after the end of the output.",
                        EndCases::afterRequests),
                should(
                        "end-all-output",
                        SAME_OUTPUT,
                        "The sample, directly followed by the end of the input, " + ROUNDS
                                + " times: the complete output is received each time.",
                        "Kapacitor accepts data until the output ends: data that is dropped at the end of a replay or of a batch query is lost.",
                        EndCases::allOutput),
                should(
                        "end-pending-output",
                        SAME_OUTPUT,
                        PENDING_POINTS
                                + " points and the end of the input while nothing is read; then everything is read: the output is complete.",
                        "As above, with more than the system's buffers hold.",
                        EndCases::pendingOutput),
                should(
                        "reader-slow",
                        SAME_OUTPUT,
                        PENDING_POINTS + " points, read with pauses: the output is complete.",
                        "Kapacitor reads only as fast as its slowest node. An agent must wait for it instead of dropping data.",
                        EndCases::slowReader),
                must(
                        "reader-stalled",
                        SAME_OUTPUT,
                        STALLED_POINTS + " points whose output is never read: the agent gives up by itself, in time.",
                        "After an abort, Kapacitor's reader may have stopped while its writer is blocked. It then waits forever for "
                                + "an agent that never sees the end of its input.",
                        EndCases::stalledReader),
                should(
                        "reader-gone",
                        DATA,
                        "Both directions are closed while the agent writes: a server continues to serve, a process ends.",
                        "kapacitord was killed, or one task's connection broke: other tasks must not be affected.",
                        EndCases::readerGone),
                must(
                        "process-exits",
                        INIT,
                        "After the end of its output, a process exits, and its STDERR is closed.",
                        "Kapacitor waits for both. A leftover thread or child process is enough to block it.",
                        EndCases::processExits));
    }

    private static void midFrame(Probe probe) {
        byte[] frame = Frames.encode(probe.feed().one(point -> point).get(0));
        int step = Math.max(1, frame.length / probe.times(CUTS, CUTS_OF_PROCESSES));
        // The length of a frame of less than 2 MiB has at most three bytes.
        for (int cut = 3; cut < frame.length; cut += step) {
            try (AgentConversation conversation = probe.started()) {
                conversation.write(Arrays.copyOf(frame, cut));
                conversation.endInput();
                conversation.awaitAnyEnd();
            }
        }
    }

    private static void midLength(Probe probe) {
        AgentConversation conversation = probe.open();
        byte[] init = Frames.encode(AgentConversation.initRequest(
                "t".repeat(TASK_ID_LENGTH), probe.profile().options()));
        conversation.write(Arrays.copyOf(init, 1));
        conversation.endInput();
        conversation.awaitAnyEnd();
    }

    private static void afterRequests(Probe probe) {
        probe.onlyWithSnapshots();
        int rounds = probe.times(ROUNDS, ROUNDS_OF_PROCESSES);
        for (int round = 1; round <= rounds; round++) {
            try (AgentConversation conversation = probe.started()) {
                Request keepalive = conversation.nextKeepalive();
                conversation.send(probe.feed().sample());
                conversation.sendAtOnce(List.of(AgentConversation.SNAPSHOT, keepalive));
                conversation.finish();
                if (conversation.exchange().count(MessageCase.SNAPSHOT) == 0) {
                    throw notAnswered("Snapshot", round, rounds);
                }
                if (!conversation
                        .exchange()
                        .hasKeepalive(keepalive.getKeepalive().getTime())) {
                    throw notAnswered("Keepalive", round, rounds);
                }
            }
        }
    }

    private static CaseFailure notAnswered(String request, int round, int rounds) {
        return new CaseFailure(
                "run " + round + " of " + rounds + ": " + request + " was not answered before the output ended");
    }

    private static void allOutput(Probe probe) {
        int rounds = probe.times(ROUNDS, ROUNDS_OF_PROCESSES);
        for (int round = 1; round <= rounds; round++) {
            try (AgentConversation conversation = probe.started()) {
                conversation.sendAtOnce(probe.feed().sample());
                conversation.finish();
                Probe.demandSame(
                        "run " + round + " of " + rounds,
                        conversation,
                        probe.profile().output());
            }
        }
    }

    private static void pendingOutput(Probe probe) {
        List<Request> data = probe.feed().many(PENDING_POINTS);
        RawKapacitor.Data expected = probe.outputOf(data);
        AgentConversation conversation = probe.started();
        conversation.exchange().pauseReading();
        conversation.writeAside(Frames.encodeAll(data), true).awaitStuck();
        conversation.letWork();
        conversation.exchange().resumeReading();
        conversation.awaitEnd();
        Probe.demandSame("read after the end of the input", conversation, expected);
    }

    private static void slowReader(Probe probe) {
        List<Request> data = probe.feed().many(PENDING_POINTS);
        RawKapacitor.Data expected = probe.outputOf(data);
        AgentConversation conversation = probe.started();
        RawKapacitor kapacitor = conversation.exchange();
        kapacitor.pauseReading();
        List<Request> requests = new ArrayList<>(data);
        requests.add(conversation.nextKeepalive());
        conversation.writeAside(Frames.encodeAll(requests), false).awaitStuck();
        conversation.letWork();
        while (!kapacitor.ended() && kapacitor.data().messages() < expected.messages()) {
            kapacitor.resumeReading();
            long next = Math.min(expected.messages(), kapacitor.data().messages() + SLOW_READ_MESSAGES);
            if (!kapacitor.await(
                    () -> kapacitor.data().messages() >= next, probe.plan().timeout())) {
                break;
            }
            kapacitor.pauseReading();
            LockSupport.parkNanos(SLOW_READ_PAUSE_NANOS);
        }
        kapacitor.resumeReading();
        conversation.finish();
        Probe.demandSame("read with pauses", conversation, expected);
    }

    private static void stalledReader(Probe probe) {
        long sample = probe.feed().sample().size();
        if (probe.profile().early().messages() < sample / 2) {
            throw new NotApplicable("its output is too small to fill the buffers");
        }
        byte[] data = Frames.encodeAll(probe.feed().many(STALLED_POINTS));
        AgentConversation conversation = probe.started();
        // An agent can learn from the interval that the timeout is one second.
        conversation.keepalive(AgentConversation.keepalive(KEEPALIVE_SPACING_NANOS));
        LockSupport.parkNanos(KEEPALIVE_SPACING_NANOS);
        conversation.keepalive(AgentConversation.keepalive(2 * KEEPALIVE_SPACING_NANOS));
        conversation.exchange().pauseReading();
        AgentConversation.Aside aside = conversation.writeAside(data, true);
        long start = System.nanoTime();
        long limitNanos = probe.plan().stallLimit().toNanos();
        while (!aside.done() && !exited(conversation) && System.nanoTime() - start < limitNanos) {
            LockSupport.parkNanos(SLOW_READ_PAUSE_NANOS);
        }
        if (aside.refused() || exited(conversation)) {
            return;
        }
        if (!aside.done()) {
            throw new CaseFailure("it neither read nor ended within "
                    + AgentConversation.seconds(probe.plan().stallLimit())
                    + " while nothing was read: Kapacitor would be blocked");
        }
        // The agent has read all input. Within the limit it must drop the rest of its output; reading the output
        // afterwards shows whether it has.
        while (!probe.isProcess() && System.nanoTime() - start < limitNanos) {
            LockSupport.parkNanos(limitNanos - (System.nanoTime() - start));
        }
        conversation.exchange().resumeReading();
        conversation
                .exchange()
                .await(conversation.exchange()::ended, probe.plan().timeout());
        if (conversation.exchange().data().messages() >= STALLED_POINTS) {
            throw new CaseFailure("it still held all of its output "
                    + AgentConversation.seconds(probe.plan().stallLimit())
                    + " after the end of its input, while nothing was read: Kapacitor would be blocked");
        }
    }

    private static boolean exited(AgentConversation conversation) {
        return conversation.exchange().exitStatus().isPresent();
    }

    private static void readerGone(Probe probe) throws Exception {
        for (int round = 0; round < probe.times(ROUNDS, 1); round++) {
            AgentConversation conversation = probe.started();
            conversation.exchange().pauseReading();
            AgentConversation.Aside aside =
                    conversation.writeAside(Frames.encodeAll(probe.feed().many(PENDING_POINTS)), false);
            aside.awaitStuck();
            conversation.exchange().drop();
            if (probe.isProcess()) {
                if (!conversation.exchange().awaitGone(probe.plan().timeout())) {
                    throw conversation.failure("it has not exited");
                }
                return;
            }
            try (AgentConversation next = probe.started()) {
                next.keepalive();
            } catch (CaseFailure e) {
                throw new CaseFailure("a new connection after a broken one: " + e.getMessage());
            }
        }
    }

    private static void processExits(Probe probe) {
        probe.onlyProcesses();
        AgentConversation conversation = probe.started();
        conversation.keepalive();
        conversation.finish();
        if (!conversation.exchange().awaitGone(probe.plan().timeout())) {
            throw new CaseFailure(
                    conversation.exchange().exitStatus().isPresent()
                            ? "it exited, but another process holds its STDERR open"
                            : "it has not exited within "
                                    + AgentConversation.seconds(probe.plan().timeout()) + " after its output");
        }
        int status = conversation.exchange().exitStatus().orElseThrow();
        probe.note(status == 0 ? "" : "exit status " + status);
    }
}
