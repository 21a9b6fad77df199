package org.kapacitorudf.tools.recording;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.internal.codec.MessageText;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any bytes after the first line of a recording result in entries, possibly followed by an {@link IOException};
 * truncated anywhere, they result in the same entries up to there. Everything can be read as messages and shown.
 *
 * <pre>
 *   position of the truncation | records
 * </pre>
 */
class RecordingFuzzTest {
    private static final byte[] MAGIC = Recorder.MAGIC.getBytes(StandardCharsets.UTF_8);
    private static final long MOST_BYTES = 16 << 20;
    private static final int MAX_CHARACTERS = 100;

    @MethodSource("seeds")
    @FuzzTest
    void aRecordingCutOffAnywhereHasTheSameEntriesUpToThere(byte[] input) throws IOException {
        Reading reading = new Reading(input);
        int cut = reading.next();
        byte[] recording = joined(MAGIC, reading.rest());
        List<String> entries = Claim.allocatingAtMost(MOST_BYTES, "recording", () -> entries(recording));
        int length = MAGIC.length + cut * (recording.length - MAGIC.length) / 255;
        List<String> fewer = entries(Arrays.copyOf(recording, length));
        Claim.same(entries.subList(0, Math.min(entries.size(), fewer.size())), fewer, "cut off at byte " + length);
        show(recording);
    }

    private static List<String> entries(byte[] recording) {
        List<String> entries = new ArrayList<>();
        try (RecordingReader reader = RecordingReader.of(new ByteArrayInputStream(recording), "r")) {
            for (RecordingEntry next = reader.next(); next != null; next = reader.next()) {
                entries.add(next.kind() + " " + next.nanos() + " " + Arrays.toString(next.bytes()));
            }
            Claim.that(!reader.ending().isEmpty() || reader.isWhole(), "a recording without an ending");
        } catch (IOException e) {
            Claim.that(e.getMessage().contains("(expected: "), e.toString());
        }
        return entries;
    }

    private static void show(byte[] recording) {
        try (RecordedConversation conversation =
                new RecordedConversation(RecordingReader.of(new ByteArrayInputStream(recording), "r"))) {
            int bytes = 0;
            for (RecordingEntry next = conversation.next(); next != null; next = conversation.next()) {
                bytes += next.bytes().length;
                if (next.kind() == EntryKind.REQUEST) {
                    MessageText.ofRequest(next.bytes(), MAX_CHARACTERS, Set.of());
                } else if (next.kind() == EntryKind.RESPONSE) {
                    MessageText.ofResponse(next.bytes(), MAX_CHARACTERS);
                } else {
                    next.text();
                }
            }
            Claim.that(bytes <= recording.length, "more bytes than the recording has");
            Claim.that(conversation.notes().stream().noneMatch(String::isBlank), "a note that says nothing");
        } catch (IOException e) {
            Claim.that(e.getMessage().contains("(expected: "), e.toString());
        }
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] requests : Seeds.conversations(2, 4)) {
            ByteArrayOutputStream records = new ByteArrayOutputStream();
            records.writeBytes(record(EntryKind.START, "a test".getBytes(StandardCharsets.UTF_8)));
            int half = requests.length / 2;
            records.writeBytes(record(EntryKind.REQUEST, Arrays.copyOf(requests, half)));
            records.writeBytes(record(EntryKind.RESPONSE, Arrays.copyOf(requests, half)));
            records.writeBytes(record(EntryKind.REQUEST, Arrays.copyOfRange(requests, half, requests.length)));
            records.writeBytes(record(EntryKind.REQUESTS_END, new byte[0]));
            records.writeBytes(record(EntryKind.RESPONSES_END, new byte[0]));
            records.writeBytes(record(EntryKind.END, "the end".getBytes(StandardCharsets.UTF_8)));
            seeds.add(Seeds.with(records.toByteArray(), 200));
        }
        return seeds;
    }

    private static byte[] record(EntryKind kind, byte[] bytes) {
        return Seeds.with(Seeds.framed(bytes), kind.code(), 0x85, 0x01);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
