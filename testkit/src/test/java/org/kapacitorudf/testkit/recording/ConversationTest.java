package org.kapacitorudf.testkit.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.testkit.Frames;
import org.kapacitorudf.testkit.Recording;

class ConversationTest {
    @TempDir
    private Path directory;

    private Path recorded(Kind kind, byte[] bytes, int pieces) {
        Recorder recorder = Recorder.start(directory.resolve("x"), "", Long.MAX_VALUE, warning -> {});
        for (int from = 0; from < bytes.length; from += pieces) {
            recorder.bytes(kind, bytes, from, Math.min(pieces, bytes.length - from));
        }
        recorder.close("", Duration.ofSeconds(30));
        return recorder.file();
    }

    private static List<Entry> read(Conversation conversation, Kind kind) throws IOException {
        List<Entry> read = new ArrayList<>();
        for (Entry next = conversation.next(); next != null; next = conversation.next()) {
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
            try (Conversation conversation =
                    Conversation.open(recorded(Kind.REQUEST, Frames.encodeAll(sent), pieces))) {
                List<Request> read = new ArrayList<>();
                for (Entry entry : read(conversation, Kind.REQUEST)) {
                    read.add(Request.parseFrom(entry.bytes()));
                }
                assertThat(read).isEqualTo(sent);
            }
        }
    }

    @Test
    void aMessageThatIsCutOffIsANote() throws Exception {
        try (Conversation conversation = Conversation.open(recorded(Kind.RESPONSE, new byte[] {5, 'a', 'b'}, 10))) {
            assertThat(read(conversation, Kind.RESPONSE)).isEmpty();
            assertThat(conversation.notes())
                    .containsExactly("what the agent wrote ends inside a message: 3 bytes: \"\\x05ab\"");
            assertThat(conversation.hasAllResponses()).isFalse();
        }
    }

    @Test
    void whatIsNoMessageIsShown() throws Exception {
        byte[] bytes = {0, -1, -1, -1, -1, -1, 'o', 'h'};
        try (Conversation conversation = Conversation.open(recorded(Kind.RESPONSE, bytes, 10))) {
            assertThat(read(conversation, Kind.RESPONSE)).hasSize(1);
            assertThat(conversation.notes())
                    .containsExactly(
                            "what the agent wrote is no message from here on: \"\\xff\\xff\\xff\\xff\\xffoh\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 'what the agent wrote ends inside a message: 6 bytes: '",
        "0, 'what the agent wrote ends inside a message: 6 bytes: '",
        "1, 'what the agent wrote is no message from here on: '"
    })
    void aMessageMayBeAGibibyteLongAndNoLonger(int more, String note) throws Exception {
        byte[] bytes = {0, 0, 0, 0, 0, 'x'};
        int length = (1 << 30) + more;
        for (int i = 0; i < 5; i++) {
            bytes[i] = (byte) (length >>> 7 * i & 0x7F | (i < 4 ? 0x80 : 0));
        }
        try (Conversation conversation = Conversation.open(recorded(Kind.RESPONSE, bytes, 6))) {
            assertThat(read(conversation, Kind.RESPONSE)).isEmpty();
            assertThat(conversation.notes()).singleElement().asString().startsWith(note);
        }
    }

    @Test
    void threeFilesAreARecordingToo() throws Exception {
        for (String part : List.of("requests", "responses", "timeline")) {
            try (var in = Recording.class.getResourceAsStream("recordings/movingAvg-2." + part)) {
                Files.copy(in, directory.resolve("m." + part));
            }
        }
        for (String name : List.of("m", "m.requests", "m.timeline")) {
            List<Request> read = new ArrayList<>();
            try (Conversation conversation = Conversation.open(directory.resolve(name))) {
                for (Entry entry : read(conversation, Kind.REQUEST)) {
                    read.add(Request.parseFrom(entry.bytes()));
                }
                assertThat(conversation.hasAllResponses()).isTrue();
                assertThat(conversation.notes()).isEmpty();
            }
            assertThat(read).isEqualTo(Recording.of("movingAvg-2").requests());
        }
    }
}
