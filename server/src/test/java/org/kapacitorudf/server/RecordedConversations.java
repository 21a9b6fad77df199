package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.testing.Recordings;
import org.kapacitorudf.tools.recording.RecordedConversation;
import org.kapacitorudf.tools.recording.Replay;

/**
 * Recorded requests of a real Kapacitor: the answers of this agent, hosted in either way, have the same meaning as the
 * recorded ones.
 */
@Timeout(600)
interface RecordedConversations {
    Duration LIMIT = Duration.ofMinutes(5);
    double TOLERANCE = 1e-9;
    int MAX_DIFFERENCES = 20;

    /** Opens a session with a function: one of the examples, or {@link OptionsMirror}. */
    Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException;

    @ParameterizedTest
    @CsvSource({"movingAvg-1, movingAvg", "outliers-1, outliers", "options-1, options", "outliers-2, outliers"})
    default void theGoAgentsAnswersAreOurs(String name, String function, @TempDir Path directory) throws IOException {
        assertSameMeaning(Recordings.copy(name, directory), function, TOLERANCE);
    }

    @Test
    default void theMovingAverageOfTheGoAgentIsOursButForTheBoolsThatItKeepsByOversight(@TempDir Path directory)
            throws IOException {
        Path recording = Recordings.copy("movingAvg-2", directory);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        for (Response response : Frames.responses(Recordings.responses("movingAvg-2"))) {
            withoutBools(response).writeDelimitedTo(changed);
        }
        Files.write(directory.resolve("movingAvg-2.responses"), changed.toByteArray());
        Path timeline = directory.resolve("movingAvg-2.timeline");
        List<String> lines = new ArrayList<>(Files.readAllLines(timeline));
        lines.removeIf(line -> line.contains("response"));
        for (int bytes : List.of(changed.size(), 0)) {
            lines.add("{\"ms\": 0, \"dir\": \"response\", \"bytes\": " + bytes + "}");
        }
        Files.write(timeline, lines);
        assertSameMeaning(recording, "movingAvg", TOLERANCE);
    }

    @ParameterizedTest
    @CsvSource({"options-2, options", "options-3, options", "options-3, mirror"})
    default void aMirrorGivesBackToTheLastBit(String name, String function, @TempDir Path directory)
            throws IOException {
        assertSameMeaning(Recordings.copy(name, directory), function, 0);
    }

    @Test
    default void theSnapshotOfTheGoAgentIsRefusedInClearWords() throws IOException {
        List<Request> requests = Frames.requests(Recordings.requests("movingAvg-3"));
        InitRequest init = find(requests, Request.MessageCase.INIT).getInit();
        Request restore = find(requests, Request.MessageCase.RESTORE);
        try (Kapacitor kapacitor = open("movingAvg", use())) {
            kapacitor.init(
                    init.getTaskID(), init.getNodeID(), init.getOptionsList().toArray(Option[]::new));
            RestoreResponse answer = kapacitor.restore(restore.getRestore().getSnapshot());
            assertThat(answer.getSuccess()).isFalse();
            assertThat(answer.getError())
                    .isEqualTo("movingAvg: snapshot: foreign, 179 bytes (expected: \"KUDF\" at its beginning)");
            assertThat(kapacitor.snapshot())
                    .as("what would replace the Go agent's")
                    .isEmpty();
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
    }

    private void assertSameMeaning(Path recording, String function, double tolerance) throws IOException {
        List<Kapacitor> opened = new ArrayList<>();
        try (RecordedConversation conversation = RecordedConversation.open(recording)) {
            Replay.Outcome outcome = new Replay(conversation, false, LIMIT, tolerance, MAX_DIFFERENCES)
                    .play(builder -> {
                        opened.add(open(function, builder));
                        return opened.get(0);
                    });
            assertThat(outcome.differences()).isEmpty();
            assertThat(outcome.notes()).isEmpty();
        }
        assertThat(opened.get(0).problems()).isEmpty();
        opened.get(0)
                .awaitEnd()
                .exitStatus()
                .ifPresent(status -> assertThat(status).isZero());
    }

    private static Kapacitor.Builder use() {
        return Kapacitor.builder().keepalives(false).deadline(LIMIT);
    }

    private static Request find(List<Request> requests, Request.MessageCase kind) {
        return requests.stream()
                .filter(request -> request.getMessageCase() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static Response withoutBools(Response response) {
        Response.Builder changed = response.toBuilder();
        if (response.hasPoint()) {
            changed.getPointBuilder().clearFieldsBool();
        }
        return changed.build();
    }
}
