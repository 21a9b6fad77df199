package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.SnapshotResponse;
import org.kapacitorudf.testing.AgentSide;
import org.kapacitorudf.testing.SocketAgent;

@Timeout(600)
class KapacitorRecordingTest {
    private static final Set<MessageCase> ANSWERS = EnumSet.of(
            MessageCase.INFO, MessageCase.INIT, MessageCase.RESTORE, MessageCase.SNAPSHOT, MessageCase.KEEPALIVE);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @MethodSource("org.kapacitorudf.tools.recording.KapacitorRecording#names")
    void aRecordingIsReplayedToAnAgentThatAnswersAsRecorded(String name) throws Exception {
        KapacitorRecording recording = KapacitorRecording.of(name);
        List<Request> read = new ArrayList<>();
        SocketAgent.Script script = agent -> play(recording, agent, read);
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = Kapacitor.builder().keepalives(false).connect(agent.path())) {
            List<Response> responses = recording.replay(kapacitor);

            assertThat(recording.exactly().differences(responses)).isEmpty();
            assertThat(responses).isEqualTo(recording.expected());
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(agent.failure()).isNull();
            assertThat(read).isEqualTo(recording.requests());
        }
    }

    @Test
    void anAgentThatDoesNotAnswerInitEndsTheReplay() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, AgentSide::next);
                Kapacitor kapacitor = Kapacitor.builder().keepalives(false).connect(agent.path())) {
            assertThatThrownBy(() -> KapacitorRecording.of("movingAvg-2").replay(kapacitor))
                    .isInstanceOf(StandInException.class)
                    .hasMessageContaining("INIT: 0 (expected: 1");
        }
    }

    @Test
    void keepalivesSnapshotsAndTheOrderAmongKindsDoNotMatter() {
        KapacitorRecording recording = KapacitorRecording.of("movingAvg-2");
        List<Response> other = new ArrayList<>(recording.expected());
        other.removeIf(Response::hasKeepalive);
        other.replaceAll(response -> response.hasSnapshot() ? snapshot("other") : response);
        other.sort(Comparator.comparing(Response::hasPoint));

        assertThat(recording.differences(other)).isEmpty();
    }

    @Test
    void doublesMayDifferByABillionthUnlessExactlyIsAsked() {
        KapacitorRecording recording = KapacitorRecording.of("movingAvg-2");

        assertThat(recording.differences(meansTimes(recording, 1 + 1e-12))).isEmpty();
        assertThat(recording.exactly().differences(meansTimes(recording, 1 + 1e-12)))
                .isNotEmpty();
        assertThat(recording.differences(meansTimes(recording, 1 + 1e-6)))
                .first()
                .asString()
                .contains("mean");
    }

    @Test
    void whatKapacitorTakesOfAPointMayNotDiffer() {
        assertPointDiffers(point -> point.setName("other"), "+ other,group=a");
        assertPointDiffers(point -> point.setDatabase("other"), "database: other");
        assertPointDiffers(point -> point.setRetentionPolicy("other"), "retention policy: other");
        assertPointDiffers(point -> point.setTime(7), " 7");
        assertPointDiffers(point -> point.putTags("more", "x"), "more=x");
        assertPointDiffers(point -> point.setByName(true), "point 1 of group ");
        assertPointDiffers(point -> point.addDimensions("more"), "point 1 of group ");
        assertPointDiffers(point -> point.putFieldsInt("more", 1), "more=1i");
        assertPointDiffers(point -> point.clearFieldsDouble().putFieldsInt("mean", 1), "mean=1i");
    }

    @Test
    void aGroupMayDifferForKapacitorComputesItAgain() {
        KapacitorRecording recording = KapacitorRecording.of("movingAvg-2");
        assertThat(recording.differences(changed(recording, point -> point.setGroup("other"))))
                .isEmpty();
    }

    @Test
    void missingAndMisplacedMessagesAreSeen() {
        KapacitorRecording recording = KapacitorRecording.of("outliers-2");
        List<Response> expected = recording.expected();

        assertThat(recording.differences(expected.subList(0, expected.size() / 2)))
                .anySatisfy(line -> assertThat(line).startsWith("batch 3 of group test,group=a"));
        assertThat(recording.differences(expected.subList(1, expected.size())))
                .singleElement()
                .asString()
                .startsWith("- Init")
                .endsWith("+ no such answer");
        List<Response> swapped = new ArrayList<>(expected);
        int begin = swapped.indexOf(
                expected.stream().filter(Response::hasBegin).findFirst().orElseThrow());
        Collections.swap(swapped, begin, begin + 1);
        assertThat(recording.differences(swapped)).isNotEmpty();
    }

    @Test
    void theTimeTagsAndNameOfABatchMayNotDiffer() {
        KapacitorRecording recording = KapacitorRecording.of("outliers-2");
        List<Response> changed = new ArrayList<>(recording.expected());
        changed.replaceAll(response -> {
            Response.Builder builder = response.toBuilder();
            if (response.hasBegin()) {
                builder.getBeginBuilder().setByName(true).setSize(99);
            }
            if (response.hasEnd()) {
                builder.getEndBuilder().setName("other").setTmax(1).clearTags();
            }
            return builder.build();
        });
        assertThat(recording.differences(changed))
                .hasSize(12)
                .anySatisfy(line -> assertThat(line).endsWith("- batch test,group=a until 20000000000, 5 points"))
                .anySatisfy(line -> assertThat(line).endsWith("+ batch other by measurement until 1, 5 points"));
    }

    @Test
    void whatIsExpectedCanBeChanged() {
        KapacitorRecording withoutBools = KapacitorRecording.of("movingAvg-2").expecting(response -> {
            if (response.hasSnapshot()) {
                return null;
            }
            return response.hasPoint()
                    ? AgentSide.point(response.getPoint().toBuilder()
                                    .clearFieldsBool()
                                    .build())
                            .build()
                    : response;
        });
        assertThat(withoutBools.expected())
                .noneMatch(Response::hasSnapshot)
                .noneMatch(response -> response.getPoint().getFieldsBoolCount() > 0);
        assertThat(withoutBools.differences(withoutBools.expected())).isEmpty();
        assertThat(withoutBools.differences(KapacitorRecording.of("movingAvg-2").expected()))
                .isNotEmpty();
    }

    @Test
    void aRecordingIsReadFromFiles() throws Exception {
        Files.write(directory.resolve("x.requests"), new byte[] {2, 10, 0});
        Files.write(directory.resolve("x.responses"), new byte[] {2, 10, 0});
        Files.writeString(directory.resolve("x.timeline"), "{\"ms\": 0.5, \"dir\": \"request\", \"bytes\": 3}\n");
        assertThat(KapacitorRecording.read(directory, "x").requests())
                .singleElement()
                .matches(Request::hasInfo);

        Files.writeString(directory.resolve("x.timeline"), "{\"ms\": 0.5, \"dir\": \"request\", \"bytes\": 2}\n");
        assertThatThrownBy(() -> KapacitorRecording.read(directory, "x"))
                .hasMessage("timeline: 2 bytes of requests (expected: 3)");
    }

    private static void assertPointDiffers(UnaryOperator<Point.Builder> change, String difference) {
        KapacitorRecording recording = KapacitorRecording.of("movingAvg-2");
        assertThat(recording.differences(changed(recording, change)))
                .anySatisfy(line -> assertThat(line).contains(difference));
    }

    private static List<Response> changed(KapacitorRecording recording, UnaryOperator<Point.Builder> change) {
        List<Response> changed = new ArrayList<>(recording.expected());
        changed.replaceAll(response -> response.hasPoint()
                ? AgentSide.point(change.apply(response.getPoint().toBuilder()).build())
                        .build()
                : response);
        return changed;
    }

    private static List<Response> meansTimes(KapacitorRecording recording, double factor) {
        return changed(
                recording, point -> point.putFieldsDouble("mean", factor * point.getFieldsDoubleOrThrow("mean")));
    }

    private static Response snapshot(String text) {
        return Response.newBuilder()
                .setSnapshot(SnapshotResponse.newBuilder().setSnapshot(ByteString.copyFromUtf8(text)))
                .build();
    }

    /**
     * Reads up to the request of a recorded answer, then sends the answer; sends data as recorded, whatever was read.
     */
    private static void play(KapacitorRecording recording, AgentSide agent, List<Request> read) throws IOException {
        for (Response response : recording.expected()) {
            Request request = null;
            while (ANSWERS.contains(response.getMessageCase())
                    && (request == null
                            || request.getMessageCase().getNumber()
                                    != response.getMessageCase().getNumber())) {
                request = agent.next();
                read.add(request);
            }
            agent.send(response.toBuilder());
        }
        for (Request request = agent.next(); request != null; request = agent.next()) {
            read.add(request);
        }
    }
}
