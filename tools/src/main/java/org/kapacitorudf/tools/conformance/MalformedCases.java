package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.DATA;
import static org.kapacitorudf.tools.conformance.Case.Needs.INFO;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.may;
import static org.kapacitorudf.tools.conformance.Case.should;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Request;

/** Cases with invalid data. */
final class MalformedCases {
    private static final long[] LENGTHS = {Integer.MAX_VALUE, 0xFFFF_FFFFL, 1L << 40, Long.MAX_VALUE, -1};
    private static final int ROUNDS = 20;
    private static final int ROUNDS_OF_PROCESSES = 10;
    /** A frame whose body is not a message. */
    static final byte[] GARBAGE = {5, -1, -1, -1, -1, -1};

    private MalformedCases() {}

    static List<Case> all() {
        return List.of(
                should(
                        "error-text",
                        INIT,
                        "A frame that is not a message is followed, each of several times, by an ErrorResponse with a text, while the input is still open; then the input ends, "
                                + "and the output must end.",
                        "The text is shown as the task's error. If the socket is closed directly after it, or before, Kapacitor's own write "
                                + "fails first, and the text is lost.",
                        MalformedCases::errorText),
                may(
                        "frame-oversized",
                        INFO,
                        "A length of 2^31 - 1, 2^32 - 1, 2^40, 2^63 - 1 and 2^64 - 1, and one byte; then the input ends, and the output must end. After "
                                + "each, a new session must work as before.",
                        "Kapacitor does not send this, but a program that connects to the wrong socket does. An agent that allocates the memory crashes with all "
                                + "of its tasks.",
                        MalformedCases::oversized),
                may(
                        "length-endless",
                        INFO,
                        "A length that continues for 100 bytes, then the input ends: the output must end.",
                        "As above.",
                        probe -> {
                            byte[] endless = new byte[100];
                            Arrays.fill(endless, (byte) -1);
                            malformedThenEnd(probe, endless);
                        }),
                may(
                        "invalid-utf8",
                        DATA,
                        "Points with texts that are not valid UTF-8 are refused or passed on; then the input ends, and the output must end.",
                        "Kapacitor 1.5 sends them.",
                        MalformedCases::invalidUtf8));
    }

    private static void errorText(Probe probe) {
        int rounds = probe.times(ROUNDS, ROUNDS_OF_PROCESSES);
        for (int round = 1; round <= rounds; round++) {
            try (AgentConversation conversation = probe.started()) {
                conversation.write(GARBAGE);
                boolean said = conversation
                        .exchange()
                        .await(
                                () -> conversation.exchange().error().isPresent(),
                                probe.plan().timeout());
                if (!said) {
                    throw conversation.failure("no ErrorResponse, in try " + round + " of " + rounds);
                }
                String text = conversation.exchange().error().orElseThrow();
                if (text.isBlank()) {
                    throw new CaseFailure("ErrorResponse without a text");
                }
                probe.note("\"" + text + "\"");
                conversation.finishOrFail();
            }
        }
    }

    private static void oversized(Probe probe) {
        for (long length : LENGTHS) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                CodedOutputStream out = CodedOutputStream.newInstance(bytes);
                out.writeUInt64NoTag(length);
                out.flush();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            bytes.write(1);
            malformedThenEnd(probe, bytes.toByteArray());
            try (AgentConversation next = probe.open()) {
                next.info();
            }
        }
    }

    private static void malformedThenEnd(Probe probe, byte[] bytes) {
        try (AgentConversation conversation = probe.open()) {
            conversation.info();
            try {
                conversation.exchange().write(bytes);
            } catch (IOException e) {
                // The agent refuses to read more.
            }
            conversation.endInput();
            conversation.awaitAnyEnd();
        }
    }

    private static void invalidUtf8(Probe probe) {
        AgentConversation conversation = probe.started();
        byte[] frames = Frames.encodeAll(
                probe.feed().one(point -> point.putFieldsString("text", "@@@@").putTags("tag", "@@@@")));
        for (int i = 3; i < frames.length; i++) {
            if (frames[i] == '@' && frames[i - 1] == '@' && frames[i - 2] == '@' && frames[i - 3] == '@') {
                Arrays.fill(frames, i - 3, i + 1, (byte) 0xFF);
            }
        }
        Request keepalive = conversation.nextKeepalive();
        try {
            conversation.exchange().write(frames, Frames.encode(keepalive));
        } catch (IOException e) {
            // The agent refuses to read more.
        }
        conversation.endInput();
        conversation.awaitAnyEnd();
        boolean passedOn = conversation
                .exchange()
                .broken()
                .filter(what -> what.contains("UTF-8"))
                .isPresent();
        if (conversation.exchange().broken().isPresent() && !passedOn) {
            throw conversation.failure("its output broke off");
        }
        probe.note(
                passedOn
                        ? "passed on"
                        : conversation.exchange().error().isPresent() ? "refused with an error" : "not passed on");
    }
}
