package org.kapacitorudf.testkit.conformance;

import static org.kapacitorudf.testkit.conformance.Case.Needs.DATA;
import static org.kapacitorudf.testkit.conformance.Case.Needs.INIT;
import static org.kapacitorudf.testkit.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.testkit.conformance.Case.must;
import static org.kapacitorudf.testkit.conformance.Case.should;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.testkit.Exchange;
import org.kapacitorudf.testkit.Frames;

/** How it ends, and readers that do not read. */
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
            "Kapacitor waits for the end of the output without a limit and under a lock: an agent that does not end freezes all its tasks.";

    private EndCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "end-idle",
                        INIT,
                        "Behind Init, the input ends: the output ends.",
                        FREEZES,
                        probe -> probe.started().finish()),
                must(
                        "end-mid-frame",
                        INIT,
                        "The input ends inside the body of a frame, at up to " + CUTS
                                + " places: the output ends, with an error or without.",
                        "Kapacitor dies in the middle of a write, or is killed. " + FREEZES,
                        EndCases::midFrame),
                must(
                        "end-mid-length",
                        INIT,
                        "The input ends inside the length of a frame: the output ends, with an error or without.",
                        "Length and body are two writes, and a length may be cut as anything else. " + FREEZES,
                        EndCases::midLength),
                must(
                        "end-behind-requests",
                        DATA,
                        "Data, Snapshot and Keepalive, and at once the end of the input, " + ROUNDS
                                + " times: both are answered before the output ends.",
                        "Kapacitor waits for the answer to each request, even behind the end of the output.",
                        EndCases::behindRequests),
                should(
                        "end-all-output",
                        SAME_OUTPUT,
                        "The sample, and at once the end of the input, " + ROUNDS
                                + " times: all that comes of it comes each time.",
                        "Kapacitor takes data until the output ends: what is dropped at the end of a replay or of a batch query is lost.",
                        EndCases::allOutput),
                should(
                        "end-pending-output",
                        SAME_OUTPUT,
                        PENDING_POINTS
                                + " points and the end of the input while nothing is read; then it is read: all comes.",
                        "As before, with more than the system's buffers hold.",
                        EndCases::pendingOutput),
                should(
                        "reader-slow",
                        SAME_OUTPUT,
                        PENDING_POINTS + " points, read with pauses: all comes.",
                        "Kapacitor takes no more than its slowest node. An agent has to wait for it, not drop.",
                        EndCases::slowReader),
                must(
                        "reader-stalled",
                        SAME_OUTPUT,
                        STALLED_POINTS
                                + " points of which nothing is read, ever: the agent gives up by itself, in time.",
                        "Behind an abort Kapacitor's reader may have stopped while its writer sits in a write that blocks. Then it waits, frozen, for "
                                + "an agent that never sees the end of its input.",
                        EndCases::stalledReader),
                should(
                        "reader-gone",
                        DATA,
                        "Both directions are closed under an agent that writes: a server goes on serving, a process ends.",
                        "kapacitord was killed, or one task's connection broke: no other task may notice.",
                        EndCases::readerGone),
                must(
                        "process-exits",
                        INIT,
                        "Behind the end of its output, a process exits, and nobody holds its STDERR open.",
                        "Kapacitor waits for both. A thread or a child that is left behind is enough.",
                        EndCases::processExits));
    }

    private static void midFrame(Probe probe) {
        byte[] frame = Frames.encode(probe.feed().one(point -> point).get(0));
        int step = Math.max(1, frame.length / probe.times(CUTS, CUTS_OF_PROCESSES));
        // The length of a frame of less than 2 MiB has at most three bytes.
        for (int cut = 3; cut < frame.length; cut += step) {
            try (Talk talk = probe.started()) {
                talk.write(Arrays.copyOf(frame, cut));
                talk.endInput();
                talk.awaitAnyEnd();
            }
        }
    }

    private static void midLength(Probe probe) {
        Talk talk = probe.open();
        byte[] init = Frames.encode(
                Talk.initRequest("t".repeat(TASK_ID_LENGTH), probe.profile().options()));
        talk.write(Arrays.copyOf(init, 1));
        talk.endInput();
        talk.awaitAnyEnd();
    }

    private static void behindRequests(Probe probe) {
        probe.onlyWithSnapshots();
        int rounds = probe.times(ROUNDS, ROUNDS_OF_PROCESSES);
        for (int round = 1; round <= rounds; round++) {
            try (Talk talk = probe.started()) {
                Request keepalive = talk.nextKeepalive();
                talk.send(probe.feed().sample());
                talk.sendAtOnce(List.of(Talk.SNAPSHOT, keepalive));
                talk.finish();
                if (talk.exchange().count(MessageCase.SNAPSHOT) == 0) {
                    throw notAnswered("Snapshot", round, rounds);
                }
                if (!talk.exchange().hasKeepalive(keepalive.getKeepalive().getTime())) {
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
            try (Talk talk = probe.started()) {
                talk.sendAtOnce(probe.feed().sample());
                talk.finish();
                Probe.demandSame(
                        "run " + round + " of " + rounds, talk, probe.profile().output());
            }
        }
    }

    private static void pendingOutput(Probe probe) {
        List<Request> data = probe.feed().many(PENDING_POINTS);
        Exchange.Data expected = probe.outputOf(data);
        Talk talk = probe.started();
        talk.exchange().pauseReading();
        talk.writeAside(Frames.encodeAll(data), true).awaitStuck();
        talk.letWork();
        talk.exchange().resumeReading();
        talk.awaitEnd();
        Probe.demandSame("read behind the end of the input", talk, expected);
    }

    private static void slowReader(Probe probe) {
        List<Request> data = probe.feed().many(PENDING_POINTS);
        Exchange.Data expected = probe.outputOf(data);
        Talk talk = probe.started();
        Exchange exchange = talk.exchange();
        exchange.pauseReading();
        List<Request> requests = new ArrayList<>(data);
        requests.add(talk.nextKeepalive());
        talk.writeAside(Frames.encodeAll(requests), false).awaitStuck();
        talk.letWork();
        while (!exchange.ended() && exchange.data().messages() < expected.messages()) {
            exchange.resumeReading();
            long next = Math.min(expected.messages(), exchange.data().messages() + SLOW_READ_MESSAGES);
            if (!exchange.await(
                    () -> exchange.data().messages() >= next, probe.plan().timeout())) {
                break;
            }
            exchange.pauseReading();
            LockSupport.parkNanos(SLOW_READ_PAUSE_NANOS);
        }
        exchange.resumeReading();
        talk.finish();
        Probe.demandSame("read with pauses", talk, expected);
    }

    private static void stalledReader(Probe probe) {
        long sample = probe.feed().sample().size();
        if (probe.profile().early().messages() < sample / 2) {
            throw new NotApplicable("it gives too little output to fill what is between");
        }
        byte[] data = Frames.encodeAll(probe.feed().many(STALLED_POINTS));
        Talk talk = probe.started();
        // From the spacing an agent can learn that the timeout is one second.
        talk.keepalive(Talk.keepalive(KEEPALIVE_SPACING_NANOS));
        LockSupport.parkNanos(KEEPALIVE_SPACING_NANOS);
        talk.keepalive(Talk.keepalive(2 * KEEPALIVE_SPACING_NANOS));
        talk.exchange().pauseReading();
        Talk.Aside aside = talk.writeAside(data, true);
        long start = System.nanoTime();
        long limitNanos = probe.plan().stallLimit().toNanos();
        while (!aside.done() && !exited(talk) && System.nanoTime() - start < limitNanos) {
            LockSupport.parkNanos(SLOW_READ_PAUSE_NANOS);
        }
        if (aside.refused() || exited(talk)) {
            return;
        }
        if (!aside.done()) {
            throw new CaseFailure("it neither read nor ended within "
                    + Talk.seconds(probe.plan().stallLimit()) + " while nothing was read: Kapacitor would be frozen");
        }
        // It reads whatever comes. Then it has to give up what is left of its output, which shows when it is read.
        while (!probe.isProcess() && System.nanoTime() - start < limitNanos) {
            LockSupport.parkNanos(limitNanos - (System.nanoTime() - start));
        }
        talk.exchange().resumeReading();
        talk.exchange().await(talk.exchange()::ended, probe.plan().timeout());
        if (talk.exchange().data().messages() >= STALLED_POINTS) {
            throw new CaseFailure(
                    "it still held all its output " + Talk.seconds(probe.plan().stallLimit())
                            + " after the end of its input, while nothing was read: Kapacitor would be frozen");
        }
    }

    private static boolean exited(Talk talk) {
        return talk.exchange().exitStatus().isPresent();
    }

    private static void readerGone(Probe probe) throws Exception {
        for (int round = 0; round < probe.times(ROUNDS, 1); round++) {
            Talk talk = probe.started();
            talk.exchange().pauseReading();
            Talk.Aside aside = talk.writeAside(Frames.encodeAll(probe.feed().many(PENDING_POINTS)), false);
            aside.awaitStuck();
            talk.exchange().drop();
            if (probe.isProcess()) {
                if (!talk.exchange().awaitGone(probe.plan().timeout())) {
                    throw talk.failure("it has not exited");
                }
                return;
            }
            try (Talk next = probe.started()) {
                next.keepalive();
            } catch (CaseFailure e) {
                throw new CaseFailure("a new connection, after one was dropped: " + e.getMessage());
            }
        }
    }

    private static void processExits(Probe probe) {
        probe.onlyProcesses();
        Talk talk = probe.started();
        talk.keepalive();
        talk.finish();
        if (!talk.exchange().awaitGone(probe.plan().timeout())) {
            throw new CaseFailure(
                    talk.exchange().exitStatus().isPresent()
                            ? "it exited, but something holds its STDERR open"
                            : "it has not exited within "
                                    + Talk.seconds(probe.plan().timeout()) + " behind its output");
        }
        int status = talk.exchange().exitStatus().orElseThrow();
        probe.note(status == 0 ? "" : "exit status " + status);
    }
}
