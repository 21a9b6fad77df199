package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.BATCHES;
import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.tools.conformance.Case.may;
import static org.kapacitorudf.tools.conformance.Case.must;
import static org.kapacitorudf.tools.conformance.Case.should;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreResponse;

/** Cases about saving and restoring state. */
final class SnapshotCases {
    private static final int TIMES = 3;
    private static final int LOAD_POINTS = 2_000;
    private static final int FOREIGN_BYTES = 64 * 1024;
    private static final int BITS_FLIPPED = 8;
    private static final String HANGS =
            "Kapacitor waits for the answer without a limit, and does nothing else with its tasks meanwhile.";

    private SnapshotCases() {}

    static List<Case> all() {
        return List.of(
                must("snapshot", DATA, "A snapshot is returned after the sample.", HANGS, SnapshotCases::snapshot),
                should(
                        "snapshot-fresh",
                        INIT,
                        "Before any data, a snapshot is zero bytes.",
                        "It may be requested before Restore. A non-empty snapshot would overwrite the good one.",
                        SnapshotCases::fresh),
                must(
                        "snapshot-repeated",
                        DATA,
                        TIMES + " requests in one write after data are answered " + TIMES + " times.",
                        "Each request must be answered exactly once. " + HANGS,
                        SnapshotCases::repeated),
                must(
                        "snapshot-in-batch",
                        BATCHES,
                        "A snapshot is returned between the begin and the end of a batch.",
                        "Snapshots are requested periodically, also inside a batch. " + HANGS,
                        SnapshotCases::inBatch),
                must(
                        "snapshot-busy",
                        DATA,
                        "A request between " + 2 * LOAD_POINTS + " points in one write is answered.",
                        "Snapshots are requested periodically, whatever the load. " + HANGS,
                        SnapshotCases::busy),
                should(
                        "restore-same",
                        DATA,
                        "A snapshot that is restored and taken again is the same.",
                        "Otherwise state is lost with each restart. (Not for functions whose snapshot changes without data.)",
                        SnapshotCases::same),
                should(
                        "restore-goes-on",
                        SAME_OUTPUT,
                        "The sample twice, with a snapshot and a restart in between: the output is the same as without the restart.",
                        "Kapacitor restores the last snapshot after a restart; the function must continue from there.",
                        SnapshotCases::goesOn),
                should(
                        "restore-after-snapshot",
                        DATA,
                        "A snapshot is requested before Restore: Restore then works as usual.",
                        "The timer for snapshots is already running during Init and Restore.",
                        SnapshotCases::afterSnapshot),
                may(
                        "restore-empty",
                        INIT,
                        "Restore of zero bytes succeeds, as if there were no snapshot.",
                        "Kapacitor restores no empty snapshots (a nil of Go's gob); but zero bytes mean \"no state\", and should be accepted.",
                        SnapshotCases::empty),
                must(
                        "restore-damaged",
                        DATA,
                        "A snapshot that is cut at several places, or has wrong bits, is answered, successfully or not; then the input ends, and "
                                + "the output must end.",
                        HANGS,
                        SnapshotCases::damaged),
                must(
                        "restore-foreign",
                        INIT,
                        "Data that is not a snapshot (text, JSON, noise, zeros) is answered, successfully or not; then the input ends, and the output "
                                + "ends.",
                        "A snapshot can come from another task that had the same name, or from an older version. "
                                + HANGS,
                        SnapshotCases::foreign),
                should(
                        "restore-refusal-text",
                        INIT,
                        "A refused Restore has a text.",
                        "The text is all that the user of the task sees.",
                        SnapshotCases::refusalText));
    }

    private static void snapshot(Probe probe) {
        if (probe.profile().snapshotProblem() != null) {
            throw new CaseFailure(probe.profile().snapshotProblem());
        }
    }

    private static void fresh(Probe probe) {
        AgentConversation conversation = probe.started();
        ByteString snapshot = conversation.snapshot();
        if (!snapshot.isEmpty()) {
            throw new CaseFailure("snapshot: " + snapshot.size() + " bytes before Restore and data (expected: 0)");
        }
        conversation.finish();
    }

    private static void repeated(Probe probe) {
        probe.onlyWithSnapshots();
        AgentConversation conversation = probe.started();
        List<Request> requests = new ArrayList<>(probe.feed().sample());
        for (int i = 0; i < TIMES; i++) {
            requests.add(AgentConversation.SNAPSHOT);
        }
        conversation.sendAtOnce(requests);
        conversation.awaitAnswer(MessageCase.SNAPSHOT, TIMES);
        conversation.finishQuietly();
    }

    private static void inBatch(Probe probe) {
        probe.onlyWithSnapshots();
        AgentConversation conversation = probe.started();
        for (Request request : probe.feed().batch().requests()) {
            conversation.send(request);
            conversation.snapshot();
        }
        conversation.finishQuietly();
    }

    private static void busy(Probe probe) {
        probe.onlyWithSnapshots();
        AgentConversation conversation = probe.started();
        List<Request> requests = new ArrayList<>(probe.feed().many(LOAD_POINTS));
        requests.add(AgentConversation.SNAPSHOT);
        requests.addAll(probe.feed().many(LOAD_POINTS));
        conversation.sendAtOnce(requests);
        conversation.awaitAnswer(MessageCase.SNAPSHOT, 1);
        conversation.finishQuietly();
    }

    private static void same(Probe probe) {
        probe.onlyWithSnapshots();
        AgentConversation before = probe.started();
        before.send(probe.feed().sample());
        before.keepalive();
        before.awaitData(probe.profile().early().messages());
        ByteString snapshot = before.snapshot();
        if (snapshot.isEmpty()) {
            throw new NotApplicable("it keeps no state: its snapshot is empty after data");
        }
        if (!before.snapshot().equals(snapshot)) {
            throw new NotApplicable("its snapshot changes without data");
        }
        AgentConversation after = probe.started();
        demandSuccess(after.restore(snapshot));
        ByteString again = after.snapshot();
        if (!again.equals(snapshot)) {
            throw new CaseFailure("snapshot: " + again.size() + " bytes after Restore (expected: the " + snapshot.size()
                    + " bytes that were restored)");
        }
        after.finish();
    }

    private static void goesOn(Probe probe) {
        ByteString snapshot = probe.fullSnapshot();
        AgentConversation without = probe.started();
        without.send(probe.feed().sample());
        without.keepalive();
        without.awaitData(probe.profile().early().messages());
        without.snapshot();
        without.awaitQuiet();
        long sum = without.exchange().data().sum();
        without.send(probe.feed().sample());
        without.keepalive();
        without.finishQuietly();
        long expected = without.exchange().data().sum() - sum;

        AgentConversation conversation = probe.started();
        demandSuccess(conversation.restore(snapshot));
        conversation.send(probe.feed().sample());
        conversation.keepalive();
        conversation.finishQuietly();
        if (conversation.exchange().data().sum() != expected) {
            throw new CaseFailure("output after Restore: different (expected: the same as without a restart)");
        }
    }

    private static void afterSnapshot(Probe probe) {
        ByteString snapshot = probe.fullSnapshot();
        AgentConversation conversation = probe.started();
        conversation.snapshot();
        demandSuccess(conversation.restore(snapshot));
        conversation.finish();
    }

    private static void demandSuccess(RestoreResponse answer) {
        if (!answer.getSuccess()) {
            throw new CaseFailure("Restore of its own snapshot was refused: \"" + answer.getError() + "\"");
        }
    }

    private static void empty(Probe probe) {
        AgentConversation conversation = probe.started();
        RestoreResponse answer = conversation.restore(ByteString.EMPTY);
        if (!answer.getSuccess()) {
            throw new CaseFailure("Restore of zero bytes was refused: \"" + answer.getError() + "\"");
        }
        conversation.finish();
    }

    private static void damaged(Probe probe) {
        ByteString snapshot = probe.fullSnapshot();
        int size = snapshot.size();
        List<ByteString> damaged = new ArrayList<>(List.of(
                snapshot.substring(0, 1),
                snapshot.substring(0, size / 2),
                snapshot.substring(0, size - 1),
                snapshot.substring(1),
                snapshot.concat(snapshot)));
        Random random = new Random(size);
        for (int i = 0; i < probe.times(BITS_FLIPPED, 2); i++) {
            byte[] bytes = snapshot.toByteArray();
            bytes[random.nextInt(size)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            damaged.add(ByteString.copyFrom(bytes));
        }
        damaged.forEach(bytes -> demandAnswerAndEnd(probe, bytes));
    }

    private static List<ByteString> foreignSnapshots() {
        byte[] noise = new byte[FOREIGN_BYTES];
        new Random(1).nextBytes(noise);
        return List.of(
                ByteString.copyFrom("not a snapshot", StandardCharsets.UTF_8),
                ByteString.copyFrom("{\"host=a\": {\"size\": 10}}", StandardCharsets.UTF_8),
                ByteString.copyFrom(noise),
                ByteString.copyFrom(new byte[FOREIGN_BYTES]),
                ByteString.copyFrom(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127}));
    }

    private static void foreign(Probe probe) {
        foreignSnapshots().forEach(bytes -> demandAnswerAndEnd(probe, bytes));
    }

    private static RestoreResponse demandAnswerAndEnd(Probe probe, ByteString snapshot) {
        try (AgentConversation conversation = probe.started()) {
            RestoreResponse answer = conversation.restore(snapshot);
            conversation.finishOrFail();
            return answer;
        }
    }

    private static void refusalText(Probe probe) {
        for (ByteString snapshot : foreignSnapshots()) {
            try (AgentConversation conversation = probe.started()) {
                RestoreResponse answer = conversation.restore(snapshot);
                if (!answer.getSuccess()) {
                    if (answer.getError().isBlank()) {
                        throw new CaseFailure("Restore was refused without a text");
                    }
                    probe.note("\"" + answer.getError() + "\"");
                    return;
                }
            }
        }
        throw new NotApplicable("it refuses no snapshot");
    }
}
