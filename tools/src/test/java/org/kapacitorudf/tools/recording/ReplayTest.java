package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.testing.AgentSide;
import org.kapacitorudf.testing.Recordings;
import org.kapacitorudf.testing.SocketAgent;

/** Recorded over sockets, and replayed to the same and to other agents. */
@Tag("slow")
@Timeout(600)
class ReplayTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int POINTS = 2000;

    @TempDir
    private Path directory;

    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();

    private record Function(Handler handler) implements Udf {
        @Override
        public Description describe() {
            return Description.stream("f", "");
        }

        @Override
        public Handler create(Context context) {
            return handler;
        }
    }

    private static Points points() {
        String[] lines = new String[POINTS];
        for (int i = 0; i < POINTS; i++) {
            lines[i] = "m,host=" + i % 3 + " v=" + i + " " + i;
        }
        return Points.of(lines).groupBy("host");
    }

    private Path recorded(int conversations) throws Exception {
        Path agent = directory.resolve("agent.sock");
        Path recorded = directory.resolve("recorded.sock");
        UdfServer server = UdfServer.builder()
                .function(new Function((point, output) -> output.point(point)), agent)
                .build();
        try (server;
                RecordingProxy proxy = proxy(recorded, agent)) {
            server.start();
            for (int i = 0; i < conversations; i++) {
                converse(recorded);
            }
            proxy.close();
            assertThat(proxy.awaitConnections(LONG)).isTrue();
        }
        assertThat(warnings).isEmpty();
        return directory.resolve("x.udfrec");
    }

    private RecordingProxy proxy(Path from, Path to) throws IOException {
        return RecordingProxy.listen(
                SocketFile.at(from),
                to,
                about -> Recorder.start(directory.resolve("x.udfrec"), about, Long.MAX_VALUE, warnings::add),
                warnings::add,
                LONG);
    }

    private static void converse(Path socket) throws IOException {
        try (Kapacitor kapacitor =
                Kapacitor.builder().timeout(LONG).deadline(LONG).connect(socket)) {
            kapacitor.info();
            kapacitor.init("task", "node");
            kapacitor.send(points());
            kapacitor.snapshot();
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.receivedPoints()).isEqualTo(POINTS);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    private Replay.Outcome replay(Path recording, boolean timing, Handler handler) throws IOException {
        Path socket = directory.resolve("replay.sock");
        UdfServer server =
                UdfServer.builder().function(new Function(handler), socket).build();
        try (server;
                RecordedConversation conversation = RecordedConversation.open(recording)) {
            server.start();
            return new Replay(conversation, timing, LONG, 0, 3).play(kapacitor -> kapacitor.connect(socket));
        }
    }

    @Test
    void anAgentOfTheSameKindAnswersTheSame() throws Exception {
        Path recording = recorded(2);
        for (Path each : List.of(recording, directory.resolve("x-2.udfrec"))) {
            Replay.Outcome outcome = replay(each, each.equals(recording), (point, output) -> output.point(point));
            assertThat(outcome.differences()).isEmpty();
            assertThat(outcome.notes()).isEmpty();
            assertThat(outcome.points()).isEqualTo(POINTS);
            assertThat(outcome.same()).isEqualTo(POINTS + " points in 3 groups");
        }
    }

    @Test
    void whereAnotherAgentPartsIsShown() throws Exception {
        Path recording = recorded(1);
        Replay.Outcome outcome = replay(recording, false, (point, output) -> {
            if (point.timeNanos() != 1000) {
                output.point(point.timeNanos() == 1500 ? point.withField("v", 7.5) : point);
            }
        });
        assertThat(outcome.differences())
                .containsExactlyInAnyOrder("point 334 of group host=1\n- m,host=1 v=1000.0 1000", """
                        point 501 of group host=0
                        - m,host=0 v=1500.0 1500
                        + m,host=0 v=7.5 1500
                          field v: 7.5 (expected: 1500.0)""");
    }

    @Test
    void anAgentThatFailsIsDifferent() throws Exception {
        Replay.Outcome outcome = replay(recorded(1), false, new Handler() {
            @Override
            public void point(Point point, org.kapacitorudf.Output output) {
                throw new IllegalStateException("boom");
            }
        });
        assertThat(outcome.differences()).anyMatch(text -> text.contains("+ Error f (task task, node node): point: "));
    }

    @Test
    void anAgentThatDoesNotAnswerInitEndsTheReplay() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, AgentSide::next);
                RecordedConversation conversation =
                        RecordedConversation.open(Recordings.copy("movingAvg-2", directory))) {
            Replay.Outcome outcome = new Replay(conversation, false, Duration.ofSeconds(1), 0, 3)
                    .play(kapacitor -> kapacitor.connect(agent.path()));
            assertThat(outcome.differences()).anyMatch(text -> text.startsWith("- Init ok"));
        }
    }

    @Test
    void aRecordingThatIsCutOffIsComparedAsFarAsItGoes() throws Exception {
        Path recording = recorded(1);
        byte[] whole = Files.readAllBytes(recording);
        Files.write(recording, java.util.Arrays.copyOf(whole, whole.length / 2));
        Replay.Outcome outcome = replay(recording, false, (point, output) -> output.point(point));
        assertThat(outcome.differences()).isEmpty();
        assertThat(outcome.notes()).isNotEmpty();
    }

    @Test
    void whereNoAgentListensTheConnectionIsClosed() throws Exception {
        Path recorded = directory.resolve("recorded.sock");
        try (RecordingProxy proxy = proxy(recorded, directory.resolve("nobody.sock"));
                Kapacitor kapacitor =
                        Kapacitor.builder().timeout(LONG).deadline(LONG).connect(recorded)) {
            kapacitor.awaitEnd(LONG);
            assertThat(warnings.poll(5, TimeUnit.MINUTES))
                    .contains("nobody.sock: ", "(expected: an agent that listens)");
            assertThat(proxy.awaitConnections(LONG)).isTrue();
        }
        assertThat(recorded).doesNotExist();
    }
}
