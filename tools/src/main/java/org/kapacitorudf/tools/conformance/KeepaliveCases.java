package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.BATCHES;
import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INFO;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.must;
import static org.kapacitorudf.tools.conformance.Case.should;

import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;

/** Cases about keepalives. */
final class KeepaliveCases {
    private static final int TIMES = 5;
    private static final int LOAD_POINTS = 2_000;
    private static final int FIELDS = 20_000;

    /**
     * A number of Keepalives far larger than a socket's buffer holds: once all are written, the agent has read nearly
     * all.
     */
    private static final int UNREAD = 50_000;

    private static final long NOW_NANOS = 1_700_000_000_123_456_789L;
    private static final long[] ODD_TIMES = {NOW_NANOS, (1L << 53) + 1, 0, -1, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final String DEAD = "A task is aborted when no response of any kind was read for the timeout.";

    private KeepaliveCases() {}

    static List<Case> all() {
        return List.of(
                must("keepalive-idle", INIT, "Keepalives without other messages are answered.", DEAD, probe -> {
                    AgentConversation conversation = probe.started();
                    for (int i = 0; i < TIMES; i++) {
                        conversation.keepalive();
                    }
                    conversation.finish();
                }),
                must(
                        "keepalive-before-init",
                        INFO,
                        "Keepalives before Init are answered.",
                        "They start with the session, and arrive while Init takes long. " + DEAD,
                        probe -> {
                            AgentConversation conversation = probe.open();
                            conversation.keepalive();
                            conversation.info();
                            conversation.keepalive();
                        }),
                should(
                        "keepalive-time",
                        DATA,
                        "The answer contains the exact time of its request: now, 2^53 + 1, 0, and the largest and smallest.",
                        "The time is in nanoseconds, more than a double can hold. Kapacitor does not check it, but traces show it.",
                        KeepaliveCases::times),
                must(
                        "keepalive-in-batch",
                        BATCHES,
                        "Keepalives between the begin, the points and the end of a batch are answered there.",
                        "A batch can take longer to arrive than the timeout. " + DEAD,
                        KeepaliveCases::inBatch),
                must(
                        "keepalive-under-load",
                        DATA,
                        "A Keepalive between " + 2 * LOAD_POINTS + " points in one write is answered.",
                        DEAD + " They matter most under load.",
                        KeepaliveCases::underLoad),
                must(
                        "keepalive-busy",
                        DATA,
                        "A point with " + FIELDS
                                + " fields, so that the handler has work; the Keepalive after it is answered.",
                        DEAD + " A busy handler is no excuse.",
                        KeepaliveCases::busy),
                must(
                        "keepalive-unread",
                        INIT,
                        UNREAD + " Keepalives whose answers are not read at first; then all are read.",
                        "If the following nodes stall, Kapacitor does not read for a while. Nothing may be dropped meanwhile: a lost answer to "
                                + "Snapshot would block it.",
                        KeepaliveCases::unread));
    }

    private static void times(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.send(probe.feed().sample());
        for (long time : ODD_TIMES) {
            int before = conversation.exchange().count(MessageCase.KEEPALIVE);
            Request keepalive = AgentConversation.keepalive(time);
            conversation.send(keepalive);
            conversation.await(
                    () -> conversation.exchange().count(MessageCase.KEEPALIVE) > before,
                    () -> "Keepalive with the time " + time + " was not answered");
            conversation.awaitKeepalive(keepalive, before);
        }
        conversation.finishQuietly();
    }

    private static void inBatch(Probe probe) {
        AgentConversation conversation = probe.started();
        PointBatch batch = probe.feed().batch();
        for (Request request : batch.requests()) {
            conversation.send(request);
            conversation.keepalive();
        }
        conversation.finishQuietly();
    }

    private static void underLoad(Probe probe) {
        AgentConversation conversation = probe.started();
        Request keepalive = conversation.nextKeepalive();
        List<Request> requests = new ArrayList<>(probe.feed().many(LOAD_POINTS));
        requests.add(keepalive);
        requests.addAll(probe.feed().many(LOAD_POINTS));
        conversation.sendAtOnce(requests);
        conversation.awaitKeepalive(keepalive, 0);
        conversation.finishQuietly();
    }

    private static void busy(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.sendAtOnce(probe.feed().one(point -> {
            for (int i = 0; i < FIELDS; i++) {
                point.putFieldsDouble("field" + i, i);
            }
            return point;
        }));
        conversation.keepalive();
        conversation.finishQuietly();
    }

    private static void unread(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.exchange().pauseReading();
        List<Request> keepalives = new ArrayList<>();
        for (int i = 0; i < UNREAD; i++) {
            keepalives.add(conversation.nextKeepalive());
        }
        AgentConversation.Aside aside = conversation.writeAside(Frames.encodeAll(keepalives), false);
        aside.awaitStuck();
        conversation.letWork();
        conversation.exchange().resumeReading();
        for (Request keepalive : keepalives) {
            conversation.awaitKeepalive(keepalive, 0);
        }
        conversation.finishQuietly();
    }
}
