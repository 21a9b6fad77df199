package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.BATCHES;
import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.tools.conformance.Case.must;
import static org.kapacitorudf.tools.conformance.Case.should;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;

/** Cases about points, batches and output. */
final class DataCases {
    private static final int LARGE_BATCH = 100_000;
    private static final int SNAPSHOTS = 3;
    private static final int HUGE_STRING = 4 << 20;
    private static final int MANY_TAGS = 500;

    private DataCases() {}

    static List<Case> all() {
        return List.of(
                should(
                        "data",
                        INIT,
                        "The sample is accepted: no error, and the output ends after the input.",
                        "Most other cases are impossible with data that the function refuses.",
                        DataCases::data),
                should(
                        "output-prompt",
                        DATA,
                        "The output for the sample arrives without a further request.",
                        "Output that stays in a buffer until the next Keepalive is late by half of the timeout.",
                        DataCases::prompt),
                should(
                        "output-rules",
                        DATA,
                        "In the output for the sample, a batch has its true size, begins after the end of the previous one, and ends with its own name "
                                + "and group; a field has one type.",
                        "Otherwise Kapacitor silently misinterprets the output.",
                        DataCases::rules),
                should(
                        "output-edge",
                        DATA,
                        "The output is what Info says: points for a stream, batches for batches.",
                        "The following nodes were built for that.",
                        DataCases::edge),
                should(
                        "answers-once",
                        DATA,
                        "Info, Init and " + SNAPSHOTS
                                + " snapshots, interleaved with data, are answered exactly once each, until the end of the output.",
                        "A second answer is kept and used for the next request of its kind.",
                        DataCases::once),
                must(
                        "batch-empty",
                        BATCHES,
                        "Empty batches: no error, and no output that Kapacitor does not accept.",
                        "Kapacitor may send them. An end without a begin, the usual mistake, crashes it.",
                        probe -> batches(
                                probe,
                                List.of(probe.feed().batch(0), probe.feed().batch(0)))),
                must(
                        "batch-one",
                        BATCHES,
                        "Batches of one point: no error.",
                        "A quiet group.",
                        probe -> batches(
                                probe,
                                List.of(probe.feed().batch(1), probe.feed().batch(1)))),
                must(
                        "batch-large",
                        BATCHES,
                        "A batch of " + LARGE_BATCH + " points: no error, and keepalives are answered after it.",
                        "A query over a week.",
                        probe -> batches(probe, List.of(probe.feed().batch(LARGE_BATCH)))),
                must(
                        "batch-size",
                        BATCHES,
                        "Batches whose begin contains a wrong size (0, half, twice, 2^40): no error, and the same output "
                                + "otherwise.",
                        "The size is a hint: Kapacitor does not promise that it is right.",
                        DataCases::wrongSize),
                must(
                        "batch-unfinished",
                        BATCHES,
                        "The input ends between the begin and the end of a batch: the output ends, with or without an error.",
                        "An abort can happen anywhere, and Kapacitor waits for the end.",
                        DataCases::unfinished),
                should(
                        "huge-string",
                        DATA,
                        "A point with a text of " + (HUGE_STRING >> 20)
                                + " MiB: no error; the Keepalive after it is answered.",
                        "Kapacitor forwards what it receives; it accepts points of 20 MB itself.",
                        DataCases::hugeString),
                should(
                        "odd-values",
                        DATA,
                        "Points with NaN, infinities, the largest and smallest ints and times, empty texts, no fields, no tags, "
                                + MANY_TAGS
                                + " tags: no end without an ErrorResponse, and no output that Kapacitor does not accept.",
                        "Such data exists. A function may refuse it, but must report that.",
                        DataCases::oddValues),
                must(
                        "unicode",
                        DATA,
                        "Names, tags and fields with 4-byte characters, combining ones, quotes, commas, spaces, line breaks: as above, and all "
                                + "output is valid UTF-8.",
                        "Kapacitor ends the task if a text is not valid UTF-8.",
                        DataCases::unicode));
    }

    private static void data(Probe probe) {
        FunctionProfile profile = probe.profile();
        if (profile.reached() == INIT) {
            throw new CaseFailure(profile.problem());
        }
        probe.note(
                profile.reached() == SAME_OUTPUT
                        ? profile.output().messages() + " messages of output, the same each time"
                        : profile.problem());
    }

    private static void prompt(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.send(probe.feed().sample());
        long expected = probe.profile().early().messages();
        if (!conversation
                .exchange()
                .await(
                        () -> conversation.exchange().data().messages() >= expected,
                        probe.plan().timeout())) {
            conversation.judge();
            throw new CaseFailure("output: " + conversation.exchange().data().messages() + " messages within "
                    + AgentConversation.seconds(probe.plan().timeout()) + " (expected: " + expected
                    + ", the number received when a Keepalive followed)");
        }
    }

    private static AgentConversation sent(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.send(probe.feed().sample());
        conversation.keepalive();
        conversation.finishQuietly();
        return conversation;
    }

    private static void rules(Probe probe) {
        List<String> warnings = sent(probe).exchange().warnings().stream()
                .filter(warning -> !warning.startsWith("answer to"))
                .toList();
        if (!warnings.isEmpty()) {
            throw new CaseFailure(warnings.get(0));
        }
    }

    private static void edge(Probe probe) {
        RawKapacitor kapacitor = sent(probe).exchange();
        EdgeType provides = probe.profile().info().getProvides();
        long wrong = provides == EdgeType.BATCH ? kapacitor.pointsOutside() : kapacitor.batches();
        if (wrong > 0) {
            throw new CaseFailure(
                    "output: " + wrong + (provides == EdgeType.BATCH ? " points outside batches" : " batches")
                            + " (expected: " + provides + ", as declared by Info)");
        }
    }

    private static void once(Probe probe) {
        probe.onlyWithSnapshots();
        AgentConversation conversation = probe.open();
        conversation.info();
        conversation.init(probe.profile().options());
        for (int i = 0; i < SNAPSHOTS; i++) {
            conversation.send(probe.feed().sample());
            conversation.snapshot();
        }
        conversation.finishQuietly();
        Map<MessageCase, Integer> expected = new LinkedHashMap<>();
        expected.put(MessageCase.INFO, 1);
        expected.put(MessageCase.INIT, 1);
        expected.put(MessageCase.SNAPSHOT, SNAPSHOTS);
        expected.put(MessageCase.RESTORE, 0);
        expected.forEach((kind, count) -> {
            int came = conversation.exchange().count(kind);
            if (came != count) {
                throw new CaseFailure("answers to " + kind + ": " + came + " (expected: " + count + ")");
            }
        });
    }

    private static void batches(Probe probe, List<PointBatch> batches) {
        AgentConversation conversation = probe.started();
        for (PointBatch batch : batches) {
            conversation.sendAtOnce(batch.requests());
            conversation.keepalive();
        }
        conversation.finishQuietly();
    }

    private static void wrongSize(Probe probe) {
        PointBatch batch = probe.feed().batch();
        RawKapacitor.Data expected = probe.outputOf(batch.requests());
        for (long size : new long[] {0, 5, 20, 1L << 40}) {
            PointBatch other =
                    new PointBatch(batch.begin().toBuilder().setSize(size).build(), batch.points(), batch.end());
            RawKapacitor.Data data = probe.outputOf(other.requests());
            if (probe.profile().reached() == SAME_OUTPUT && data.messages() != expected.messages()) {
                throw new CaseFailure("with size " + size + " in the begin: " + data.messages()
                        + " messages of output (expected: " + expected.messages() + ")");
            }
        }
    }

    private static void unfinished(Probe probe) {
        PointBatch batch = probe.feed().batch();
        for (int messages : new int[] {1, 5, 11}) {
            try (AgentConversation conversation = probe.started()) {
                conversation.send(batch.requests().subList(0, messages));
                conversation.finishOrFail();
            }
        }
    }

    private static void hugeString(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.sendAtOnce(probe.feed().one(point -> point.putFieldsString("huge", "x".repeat(HUGE_STRING))));
        conversation.keepalive();
        conversation.finishQuietly();
    }

    private static void oddValues(Probe probe) {
        Map<String, UnaryOperator<Point.Builder>> odd = new LinkedHashMap<>();
        odd.put("NaN", point -> each(point, Double.NaN));
        odd.put("+Inf", point -> each(point, Double.POSITIVE_INFINITY));
        odd.put("-Inf", point -> each(point, Double.NEGATIVE_INFINITY));
        odd.put("the largest int", point -> point.putFieldsInt("count", Long.MAX_VALUE));
        odd.put("the smallest int", point -> point.putFieldsInt("count", Long.MIN_VALUE));
        odd.put("the largest time", point -> point.setTime(Long.MAX_VALUE));
        odd.put("the smallest time", point -> point.setTime(Long.MIN_VALUE));
        odd.put("the time 0", point -> point.setTime(0));
        odd.put("empty texts", point -> point.putFieldsString("", "").putTags("", ""));
        odd.put(
                "no fields",
                point -> point.clearFieldsDouble()
                        .clearFieldsInt()
                        .clearFieldsString()
                        .clearFieldsBool());
        odd.put("no tags", Point.Builder::clearTags);
        odd.put(MANY_TAGS + " tags", point -> {
            for (int i = 0; i < MANY_TAGS; i++) {
                point.putTags("tag" + i, "value" + i);
            }
            return point;
        });
        takenOrRefused(probe, odd);
    }

    private static Point.Builder each(Point.Builder point, double value) {
        new ArrayList<>(point.getFieldsDoubleMap().keySet()).forEach(field -> point.putFieldsDouble(field, value));
        return point;
    }

    private static void unicode(Probe probe) {
        Map<String, UnaryOperator<Point.Builder>> texts = new LinkedHashMap<>();
        for (String text : List.of("\uD83D\uDE00", "e\u0301\u200B\uFEFF", "a,b=c d\"e\\f\ng\u0000h", "\uFFFF\uFFFD")) {
            texts.put(
                    "the text \"" + text + "\"",
                    point -> point.setName("m" + text)
                            .putTags("tag" + text, text)
                            .putFieldsString("text" + text, text)
                            .putFieldsDouble("number" + text, 1));
        }
        takenOrRefused(probe, texts);
    }

    /** Sends points one at a time. After a point that was rejected, the next one is sent in a new session. */
    private static void takenOrRefused(Probe probe, Map<String, UnaryOperator<Point.Builder>> changes) {
        List<String> refused = new ArrayList<>();
        AgentConversation[] talk = {probe.started()};
        changes.forEach((what, change) -> {
            if (!taken(talk[0], probe.feed().one(change), what)) {
                refused.add(what);
                talk[0].close();
                talk[0] = probe.started();
            }
        });
        talk[0].finishQuietly();
        if (!refused.isEmpty()) {
            probe.note("refused with an error: " + String.join(", ", refused));
        }
    }

    private static boolean taken(AgentConversation conversation, List<Request> requests, String what) {
        Request keepalive = conversation.nextKeepalive();
        RawKapacitor kapacitor = conversation.exchange();
        try {
            kapacitor.write(Frames.encodeAll(requests), Frames.encode(keepalive));
        } catch (java.io.IOException e) {
            // The agent has ended the session; the reason is checked below.
        }
        long time = keepalive.getKeepalive().getTime();
        kapacitor.await(() -> kapacitor.hasKeepalive(time) || kapacitor.error().isPresent(), conversation.timeout());
        conversation.refuseDeath();
        if (kapacitor.broken().isPresent()
                || !kapacitor.hasKeepalive(time) && kapacitor.error().isEmpty()) {
            throw conversation.failure("with " + what);
        }
        return kapacitor.error().isEmpty();
    }
}
