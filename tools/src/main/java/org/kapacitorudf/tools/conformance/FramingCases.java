package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INFO;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.tools.conformance.Case.may;
import static org.kapacitorudf.tools.conformance.Case.must;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;

/** Cases about how bytes are divided into writes, and about frames that are to be ignored. */
final class FramingCases {
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final int KEEPALIVES_BEHIND_INIT = 50;
    private static final int POINTS_IN_ONE_WRITE = 500;

    /**
     * The lengths of two task ids. With the first, the length of the Init message takes two bytes; with the second, it
     * takes three.
     */
    private static final List<Integer> TASK_ID_LENGTHS = List.of(200, 20_000);

    /** The frame of a Request with an undefined message: field 15, with a string of one byte. */
    private static final byte[] UNKNOWN_MESSAGE = {3, 0x7A, 1, 'x'};

    /** An undefined field, which can be appended to any message: field 1000, with the number 1. */
    private static final byte[] UNKNOWN_FIELD = {(byte) 0xC0, 0x3E, 1};

    private FramingCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "split-body",
                        SAME_OUTPUT,
                        "The first point or batch arrives in two parts, cut at each byte of each body in turn; the second part is sent after the "
                                + "agent has answered everything before the first. The output must be the same.",
                        "Kapacitor writes length and body separately, and a socket or pipe may cut anywhere.",
                        FramingCases::splitBody),
                must(
                        "split-length",
                        INFO,
                        "The length of an Init arrives in two parts, cut at each of its bytes. Init must be answered.",
                        "A length of more than 127 has several bytes, and may be cut anywhere.",
                        FramingCases::splitLength),
                must(
                        "one-byte",
                        SAME_OUTPUT,
                        "Init and the sample arrive one byte per write. The output must be the same.",
                        "The worst case on a busy system.",
                        FramingCases::oneByte),
                must(
                        "many-per-write",
                        SAME_OUTPUT,
                        "Init and " + KEEPALIVES_BEHIND_INIT + " keepalives arrive in one write, then "
                                + POINTS_IN_ONE_WRITE
                                + " points in another. Everything is answered, and the output is the same.",
                        "Messages that Kapacitor writes individually accumulate while the agent is busy, and are then read together; keepalives follow an Init "
                                + "that takes long.",
                        FramingCases::manyPerWrite),
                may(
                        "empty-frame",
                        INIT,
                        "A frame of length zero, which is an empty Request, is ignored: the Keepalive after it is answered.",
                        "The official agents ignore unknown requests, so that a newer Kapacitor can send more.",
                        probe -> ignored(probe, new byte[] {0})),
                may(
                        "unknown-message",
                        INIT,
                        "A Request with an unknown message is ignored: the Keepalive after it is answered.",
                        "As above. An empty response, sent out of politeness, crashes Kapacitor.",
                        probe -> ignored(probe, UNKNOWN_MESSAGE)),
                may(
                        "unknown-fields",
                        DATA,
                        "Info, Init, Keepalive and points have an additional unknown field. They are handled as usual.",
                        "Protobuf's way of extension: unknown fields are skipped.",
                        FramingCases::unknownFields));
    }

    private static void splitBody(Probe probe) {
        List<Request> sample = probe.feed().isBatches()
                ? probe.feed().batch().requests()
                : probe.feed().sample().subList(0, 1);
        List<Request> repeated = new ArrayList<>();
        List<byte[]> frames = new ArrayList<>();
        List<Integer> cuts = new ArrayList<>();
        // The sample is sent once for each place where its longest message can be cut; each time, all of its messages
        // are cut.
        int rounds = sample.stream().mapToInt(Request::getSerializedSize).max().orElseThrow() - 1;
        for (int round = 0; round < rounds; round++) {
            for (Request request : sample) {
                byte[] frame = Frames.encode(request);
                int bodyBytes = request.getSerializedSize();
                repeated.add(request);
                frames.add(frame);
                cuts.add(frame.length - bodyBytes + 1 + round % (bodyBytes - 1));
            }
        }
        var expected = probe.outputOf(repeated);
        AgentConversation conversation = probe.started();
        byte[] rest = {};
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            // Once the Keepalive is answered, the agent has read up to the cut, and waits for the rest.
            Request keepalive = conversation.nextKeepalive();
            int before = conversation.exchange().count(MessageCase.KEEPALIVE);
            conversation.write(joined(rest, Frames.encode(keepalive), Arrays.copyOf(frame, cuts.get(i))));
            conversation.awaitKeepalive(keepalive, before);
            rest = Arrays.copyOfRange(frame, cuts.get(i), frame.length);
        }
        conversation.write(rest);
        conversation.keepalive();
        conversation.finishQuietly();
        Probe.demandSame("with " + frames.size() + " frames cut", conversation, expected);
    }

    private static void splitLength(Probe probe) {
        for (int length : TASK_ID_LENGTHS) {
            Request init = AgentConversation.initRequest(
                    "t".repeat(length), probe.profile().options());
            byte[] frame = Frames.encode(init);
            int lengthBytes = frame.length - init.getSerializedSize();
            for (int cut = 1; cut < lengthBytes; cut++) {
                try (AgentConversation conversation = probe.open()) {
                    conversation.write(joined(Frames.encode(AgentConversation.INFO), Arrays.copyOf(frame, cut)));
                    conversation.awaitAnswer(MessageCase.INFO, 1);
                    conversation.write(Arrays.copyOfRange(frame, cut, frame.length));
                    conversation.awaitAnswer(MessageCase.INIT, 1);
                }
            }
        }
    }

    private static void oneByte(Probe probe) throws Exception {
        AgentConversation conversation = probe.open();
        conversation.exchange().narrow();
        oneByOne(
                conversation,
                Frames.encode(
                        AgentConversation.initRequest("task", probe.profile().options())));
        conversation.awaitAnswer(MessageCase.INIT, 1);
        oneByOne(conversation, Frames.encodeAll(probe.feed().sample()));
        conversation.keepalive();
        conversation.finishQuietly();
        Probe.demandSame("one byte per write", conversation, probe.profile().output());
    }

    private static void oneByOne(AgentConversation conversation, byte[] bytes) {
        for (byte b : bytes) {
            conversation.write(new byte[] {b});
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static void manyPerWrite(Probe probe) {
        List<Request> data = probe.feed().many(POINTS_IN_ONE_WRITE);
        var expected = probe.outputOf(data);
        AgentConversation conversation = probe.open();
        List<Request> first = new ArrayList<>();
        first.add(AgentConversation.initRequest("task", probe.profile().options()));
        for (int i = 0; i < KEEPALIVES_BEHIND_INIT; i++) {
            first.add(conversation.nextKeepalive());
        }
        conversation.sendAtOnce(first);
        conversation.awaitAnswer(MessageCase.INIT, 1);
        for (Request keepalive : first.subList(1, first.size())) {
            conversation.awaitKeepalive(keepalive, 0);
        }
        conversation.sendAtOnce(data);
        conversation.keepalive();
        conversation.finishQuietly();
        Probe.demandSame("all in one write", conversation, expected);
    }

    private static void ignored(Probe probe, byte[] frame) {
        AgentConversation conversation = probe.started();
        conversation.write(frame);
        conversation.keepalive();
        conversation.write(joined(frame, frame));
        conversation.keepalive();
        conversation.finish();
    }

    private static void unknownFields(Probe probe) {
        AgentConversation conversation = probe.open();
        conversation.write(withUnknownField(AgentConversation.INFO));
        conversation.awaitAnswer(MessageCase.INFO, 1);
        conversation.write(withUnknownField(
                AgentConversation.initRequest("task", probe.profile().options())));
        if (!conversation.awaitAnswer(MessageCase.INIT, 1).getInit().getSuccess()) {
            throw new CaseFailure("Init was refused");
        }
        Request keepalive = conversation.nextKeepalive();
        conversation.write(withUnknownField(keepalive));
        conversation.awaitKeepalive(keepalive, 0);
        for (Request request : probe.feed().sample()) {
            conversation.write(withUnknownField(request));
        }
        conversation.keepalive();
        conversation.finishQuietly();
    }

    /** Adds an undefined field to the message in the Request, and another one to the Request itself. */
    private static byte[] withUnknownField(Request request) {
        byte[] body = request.toByteArray();
        // A Request consists of the tag of its message, the message's length, and the message.
        int tagBytes = body[0] < 0 ? 2 : 1;
        int lengthBytes = tagBytes;
        while (body[lengthBytes] < 0) {
            lengthBytes++;
        }
        byte[] message = Arrays.copyOfRange(body, lengthBytes + 1, body.length);
        byte[] changed = joined(
                Arrays.copyOf(body, tagBytes),
                Frames.header(message.length + UNKNOWN_FIELD.length),
                message,
                UNKNOWN_FIELD,
                UNKNOWN_FIELD);
        return joined(Frames.header(changed.length), changed);
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
