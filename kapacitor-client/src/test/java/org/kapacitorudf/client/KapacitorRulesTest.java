package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.proto.SnapshotResponse;
import org.kapacitorudf.testing.AgentSide;
import org.kapacitorudf.testing.SocketAgent;

/** What an agent must not do, and how the stand-in reports it. */
@Tag("one-jdk")
@Timeout(600)
class KapacitorRulesTest {
    @TempDir
    private Path directory;

    static Stream<Arguments> deaths() {
        return Stream.of(
                row("nothing set", "response: empty", agent -> agent.raw((byte) 0)),
                row(
                        "only an unknown field",
                        "response: empty",
                        agent -> agent.raw((byte) 3, (byte) 0x98, (byte) 6, (byte) 1)),
                row("an end without a begin", "outside a batch", agent -> agent.send(AgentSide.end("a"))),
                row("a negative size", "batch size: -1", agent -> agent.send(AgentSide.begin("a", -1))),
                row("a size of 2^40", "batch size: " + (1L << 40), agent -> agent.send(AgentSide.begin("a", 1L << 40))),
                row("a size of 2^47", "batch size: " + (1L << 47), agent -> agent.send(AgentSide.begin("a", 1L << 47))),
                row(
                        "a frame of 2^40 bytes",
                        "frame length: " + (1L << 40),
                        agent -> agent.raw(FrameReaderTest.varint(1L << 40))),
                row("a frame of -1 bytes", "frame length: ", agent -> agent.raw(FrameReaderTest.varint(-1))),
                row("interleaved batches", "end of batch \"b\": outside a batch", agent -> {
                    agent.send(AgentSide.begin("a", 0));
                    agent.send(AgentSide.begin("b", 0));
                    agent.send(AgentSide.end("a"));
                    agent.send(AgentSide.end("b"));
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deaths")
    void whatKillsKapacitordIsADeathAndTheConnectionIsGone(String what, String why, SocketAgent.Script script)
            throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, script.andThen(AgentSide::mirror));
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.awaitEnd();
            assertThat(kapacitor.death())
                    .hasValueSatisfying(death -> assertThat(death).contains(why));
            assertThat(kapacitor.problems()).first().asString().startsWith("kapacitord crashed: ");
        }
    }

    static Stream<Arguments> taskErrors() {
        return Stream.of(
                row(
                        "text on STDOUT",
                        "read error: ",
                        agent -> agent.raw("Hello, world!\n".repeat(9).getBytes(StandardCharsets.UTF_8))),
                row("a broken message", "read error: ", agent -> agent.raw((byte) 2, (byte) 0x8A, (byte) 1)),
                row("an end inside a frame", "read error: unexpected EOF", agent -> {
                    agent.raw((byte) 9, (byte) 0x8A);
                    agent.endOutput();
                }),
                row("invalid UTF-8", "read error: ", agent -> agent.raw(invalidUtf8())),
                row("an ErrorResponse", "it went wrong", agent -> agent.send(AgentSide.error("it went wrong"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("taskErrors")
    void whatEndsTheTaskIsItsErrorAndTheInputEnds(String what, String why, SocketAgent.Script script) throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, script.andThen(AgentSide::mirror));
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            assertThat(kapacitor.awaitTaskError()).startsWith(why);
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
            assertThat(agent.failure()).isNull();
        }
    }

    static Stream<Arguments> warnings() {
        return Stream.of(
                row(
                        "an unasked InfoResponse",
                        "answer to INFO: not requested",
                        agent -> agent.send(Response.newBuilder().setInfo(InfoResponse.getDefaultInstance()))),
                row(
                        "an unasked InitResponse",
                        "answer to INIT: not requested",
                        agent -> agent.send(AgentSide.initialized())),
                row(
                        "an unasked snapshot",
                        "answer to SNAPSHOT: not requested",
                        agent -> agent.send(Response.newBuilder().setSnapshot(SnapshotResponse.getDefaultInstance()))),
                row(
                        "an unasked RestoreResponse",
                        "answer to RESTORE: not requested",
                        agent -> agent.send(Response.newBuilder().setRestore(RestoreResponse.getDefaultInstance()))),
                row("a batch inside a batch", "begins inside batch \"a\"", agent -> {
                    agent.send(AgentSide.begin("a", 1));
                    agent.send(AgentSide.point("a v=1"));
                    agent.send(AgentSide.begin("b", 0));
                    agent.send(AgentSide.end("b"));
                }),
                row("another group's point in a batch", "point of group \"host=x\": assigned to batch \"a\"", agent -> {
                    agent.send(AgentSide.begin("a", 1));
                    agent.send(AgentSide.point(LineProtocol.parse("cpu v=1").toBuilder()
                            .setGroup("host=x")
                            .build()));
                    agent.send(AgentSide.end("a"));
                }),
                row("a size that is too small", "size 0 (expected: 1,", agent -> {
                    agent.send(AgentSide.begin("a", 0));
                    agent.send(AgentSide.point("a v=1"));
                    agent.send(AgentSide.end("a"));
                }),
                row("a size that is too large", "size 2 (expected: 0,", agent -> {
                    agent.send(AgentSide.begin("a", 2));
                    agent.send(AgentSide.end("a"));
                }),
                row("the end of another batch", "ended as \"b\"", agent -> {
                    agent.send(AgentSide.begin("a", 0));
                    agent.send(AgentSide.end("b"));
                }),
                row(
                        "an int and a bool",
                        "field v: in two typed maps",
                        agent -> agent.send(AgentSide.point(Point.newBuilder()
                                .putFieldsInt("v", 1)
                                .putFieldsBool("v", true)
                                .build()))),
                row(
                        "a string and a double",
                        "field v: in two typed maps",
                        agent -> agent.send(AgentSide.point(Point.newBuilder()
                                .putFieldsString("v", "1")
                                .putFieldsDouble("v", 1)
                                .build()))),
                row(
                        "a double and a bool",
                        "field v: in two typed maps",
                        agent -> agent.send(AgentSide.point(Point.newBuilder()
                                .putFieldsDouble("v", 1)
                                .putFieldsBool("v", true)
                                .build()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("warnings")
    void whatIsTakenButNotAsItWasMeantIsAWarning(String what, String why, SocketAgent.Script script) throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, script.andThen(AgentSide::mirror));
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.warnings()).singleElement().asString().contains(why);
            assertThat(kapacitor.problems()).isEqualTo(kapacitor.warnings());
        }
    }

    /** However starved the machine is. */
    private static Kapacitor.Builder kapacitor() {
        return Kapacitor.builder().timeout(Duration.ofMinutes(5)).deadline(Duration.ofMinutes(5));
    }

    @Test
    void invalidUtf8IsAlsoAWarning() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> kapacitor.raw(invalidUtf8()));
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.awaitTaskError();
            kapacitor.awaitEnd();
            assertThat(kapacitor.warnings()).containsExactly("string: invalid UTF-8 (expected: UTF-8)");
        }
    }

    @Test
    void anUnaskedAnswerIsTakenForTheNextRequestAndAThirdOneIsDropped() throws Exception {
        SocketAgent.Script script = agent -> {
            agent.send(AgentSide.initialized());
            agent.send(AgentSide.initialized());
            agent.mirror();
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.awaitResponses(Response.MessageCase.INIT, 2, Duration.ofMinutes(5));
            assertThat(kapacitor.warnings())
                    .containsExactly(
                            "answer to INIT: not requested (expected: one for each request)",
                            "answer to INIT: not requested (expected: one for each request)",
                            "answer to INIT: received message without requesting it");
            assertThat(kapacitor.init("task", "node").getSuccess()).isTrue();
        }
    }

    @Test
    void aPointWithoutFieldsAndAnEmptyBatchAreFine() throws Exception {
        SocketAgent.Script script = agent -> {
            agent.send(AgentSide.point(Point.getDefaultInstance()));
            agent.send(AgentSide.begin("a", 0));
            agent.send(AgentSide.end("a"));
            agent.mirror();
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.points()).containsExactly(Point.getDefaultInstance());
            assertThat(kapacitor.batches()).hasSize(1);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    private static Arguments row(String what, String why, SocketAgent.Script script) {
        return arguments(what, why, script);
    }

    private static byte[] invalidUtf8() {
        byte[] frame = Frames.encode(AgentSide.point("x,host=yyy v=1").build());
        String text = new String(frame, StandardCharsets.ISO_8859_1);
        return text.replace("yyy", "y\u00ffy").getBytes(StandardCharsets.ISO_8859_1);
    }
}
