package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.testing.Recordings;

class RecordedConversationTest {
    @TempDir
    private Path directory;

    private Path recorded(EntryKind kind, byte[] bytes, int pieces) {
        Recorder recorder = Recorder.start(directory.resolve("x"), "", Long.MAX_VALUE, warning -> {});
        for (int from = 0; from < bytes.length; from += pieces) {
            recorder.bytes(kind, bytes, from, Math.min(pieces, bytes.length - from));
        }
        recorder.close("", Duration.ofSeconds(30));
        return recorder.file();
    }

    private static List<RecordingEntry> read(RecordedConversation conversation, EntryKind kind) throws IOException {
        List<RecordingEntry> read = new ArrayList<>();
        for (RecordingEntry next = conversation.next(); next != null; next = conversation.next()) {
            if (next.kind() == kind) {
                read.add(next);
            }
        }
        return read;
    }

    @Test
    void messagesArePutTogetherWhereverTheyWereCut() throws Exception {
        List<Request> sent = List.of(
                Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build(),
                Request.newBuilder()
                        .setRestore(RestoreRequest.newBuilder()
                                .setSnapshot(com.google.protobuf.ByteString.copyFrom(new byte[300])))
                        .build(),
                Request.getDefaultInstance());
        for (int pieces : new int[] {1, 2, 7, 1000}) {
            try (RecordedConversation conversation =
                    RecordedConversation.open(recorded(EntryKind.REQUEST, Frames.encodeAll(sent), pieces))) {
                List<Request> read = new ArrayList<>();
                for (RecordingEntry entry : read(conversation, EntryKind.REQUEST)) {
                    read.add(Request.parseFrom(entry.bytes()));
                }
                assertThat(read).isEqualTo(sent);
            }
        }
    }

    @Test
    void aMessageThatIsCutOffIsANote() throws Exception {
        try (RecordedConversation conversation =
                RecordedConversation.open(recorded(EntryKind.RESPONSE, new byte[] {5, 'a', 'b'}, 10))) {
            assertThat(read(conversation, EntryKind.RESPONSE)).isEmpty();
            assertThat(conversation.notes())
                    .containsExactly("the agent's output ends inside a message: 3 bytes: \"\\x05ab\"");
            assertThat(conversation.hasAllResponses()).isFalse();
        }
    }

    @Test
    void whatIsNoMessageIsShown() throws Exception {
        byte[] bytes = {0, -1, -1, -1, -1, -1, 'o', 'h'};
        try (RecordedConversation conversation = RecordedConversation.open(recorded(EntryKind.RESPONSE, bytes, 10))) {
            assertThat(read(conversation, EntryKind.RESPONSE)).hasSize(1);
            assertThat(conversation.notes())
                    .containsExactly(
                            "the agent's output is not a message from here on: \"\\xff\\xff\\xff\\xff\\xffoh\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 'the agent''s output ends inside a message: 6 bytes: '",
        "0, 'the agent''s output ends inside a message: 6 bytes: '",
        "1, 'the agent''s output is not a message from here on: '"
    })
    void aMessageMayBeAGibibyteLongAndNoLonger(int more, String note) throws Exception {
        byte[] bytes = {0, 0, 0, 0, 0, 'x'};
        int length = (1 << 30) + more;
        for (int i = 0; i < 5; i++) {
            bytes[i] = (byte) (length >>> 7 * i & 0x7F | (i < 4 ? 0x80 : 0));
        }
        try (RecordedConversation conversation = RecordedConversation.open(recorded(EntryKind.RESPONSE, bytes, 6))) {
            assertThat(read(conversation, EntryKind.RESPONSE)).isEmpty();
            assertThat(conversation.notes()).singleElement().asString().startsWith(note);
        }
    }

    @Test
    void threeFilesAreARecordingToo() throws Exception {
        String recorded = Recordings.copy("movingAvg-2", directory).toString();
        for (String name : List.of(recorded, recorded + ".requests", recorded + ".timeline")) {
            List<Request> read = new ArrayList<>();
            try (RecordedConversation conversation = RecordedConversation.open(Path.of(name))) {
                for (RecordingEntry entry : read(conversation, EntryKind.REQUEST)) {
                    read.add(Request.parseFrom(entry.bytes()));
                }
                assertThat(conversation.hasAllResponses()).isTrue();
                assertThat(conversation.notes()).isEmpty();
            }
            assertThat(read).isEqualTo(Frames.requests(Recordings.requests("movingAvg-2")));
        }
    }
}
