package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.kapacitorudf.tools.recording.KapacitorRecording;

/**
 * Recorded requests of a real Kapacitor: the answers of this agent, hosted in either way, have the same meaning as the
 * recorded ones.
 */
@Timeout(600)
interface RecordedConversations {
    /** Opens a session with a function: one of the examples, or {@link OptionsMirror}. */
    Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException;

    @ParameterizedTest
    @CsvSource({"movingAvg-1, movingAvg", "outliers-1, outliers", "options-1, options"})
    default void infoIsAnsweredAsRecorded(String recording, String function) throws IOException {
        assertSameMeaning(KapacitorRecording.of(recording), function);
    }

    @Test
    default void theMovingAverageOfTheGoAgentIsOursButForTheBoolsThatItKeepsByOversight() throws IOException {
        KapacitorRecording recording =
                KapacitorRecording.of("movingAvg-2").expecting(RecordedConversations::withoutBools);
        assertSameMeaning(recording, "movingAvg");
    }

    @Test
    default void theOutliersOfTheGoAgentAreOurs() throws IOException {
        assertSameMeaning(KapacitorRecording.of("outliers-2"), "outliers");
    }

    @ParameterizedTest
    @CsvSource({"options-2, options", "options-3, options", "options-3, mirror"})
    default void aMirrorGivesBackToTheLastBit(String recording, String function) throws IOException {
        assertSameMeaning(KapacitorRecording.of(recording).exactly(), function);
    }

    @Test
    default void theSnapshotOfTheGoAgentIsRefusedInClearWords() throws IOException {
        KapacitorRecording recording = KapacitorRecording.of("movingAvg-3");
        InitRequest init = find(recording, Request.MessageCase.INIT).getInit();
        Request restore = find(recording, Request.MessageCase.RESTORE);
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

    private void assertSameMeaning(KapacitorRecording recording, String function) throws IOException {
        try (Kapacitor kapacitor = open(function, use())) {
            assertThat(recording.differences(recording.replay(kapacitor))).isEmpty();
            assertThat(kapacitor.problems()).isEmpty();
            kapacitor
                    .awaitEnd()
                    .exitStatus()
                    .ifPresent(status -> assertThat(status).isZero());
        }
    }

    private static Kapacitor.Builder use() {
        return Kapacitor.builder().keepalives(false).deadline(Duration.ofMinutes(5));
    }

    private static Request find(KapacitorRecording recording, Request.MessageCase kind) {
        return recording.requests().stream()
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
