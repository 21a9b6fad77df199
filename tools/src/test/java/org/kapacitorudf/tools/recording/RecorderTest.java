package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a recorder writes is read by a reader. */
@Tag("slow")
@Timeout(600)
class RecorderTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final long UNLIMITED = Long.MAX_VALUE;

    @TempDir
    private Path directory;

    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();

    private Path file() {
        return directory.resolve("x.udfrec");
    }

    private Recorder recorder(long maxBytes) {
        return Recorder.start(file(), "./agent -x", maxBytes, warnings::add);
    }

    private static void say(Recorder recorder, EntryKind kind, String text) {
        byte[] bytes = ("#" + text + "#").getBytes(StandardCharsets.UTF_8);
        recorder.bytes(kind, bytes, 1, bytes.length - 2);
    }

    private static List<String> read(Path path) throws IOException {
        List<String> read = new ArrayList<>();
        long before = 0;
        try (RecordingReader reader = RecordingReader.open(path)) {
            for (RecordingEntry next = reader.next(); next != null; next = reader.next()) {
                assertThat(next.nanos()).isGreaterThanOrEqualTo(before);
                before = next.nanos();
                read.add(next.kind() + " " + next.text());
            }
            read.add(reader.isWhole() ? "whole" : reader.ending());
        }
        return read;
    }

    @Test
    void whatIsRecordedIsReadInOrderWithBothEnds() throws Exception {
        Recorder recorder = recorder(UNLIMITED);
        say(recorder, EntryKind.REQUEST, "question");
        say(recorder, EntryKind.RESPONSE, "x".repeat(100_000));
        recorder.end(EntryKind.REQUESTS_END);
        recorder.end(EntryKind.RESPONSES_END);
        recorder.close("exit status 0", LONG);
        List<String> read = read(file());
        assertThat(read.get(0)).matches("START \\d{4}-\\d\\d-\\d\\dT.*Z ./agent -x");
        assertThat(read.subList(1, read.size()))
                .containsExactly(
                        "REQUEST question",
                        "RESPONSE " + "x".repeat(100_000),
                        "REQUESTS_END ",
                        "RESPONSES_END ",
                        "END exit status 0",
                        "whole");
        assertThat(Files.getPosixFilePermissions(file())).hasSize(2);
        assertThat(warnings).isEmpty();
    }

    @Test
    void aRecordingIsReadableWhereverItIsCutOff() throws Exception {
        Recorder recorder = recorder(UNLIMITED);
        say(recorder, EntryKind.REQUEST, "one");
        recorder.end(EntryKind.REQUESTS_END);
        recorder.close("bye", LONG);
        byte[] whole = Files.readAllBytes(file());
        Path cut = directory.resolve("cut");
        for (int length = Recorder.MAGIC.length(); length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            List<String> read = read(cut);
            assertThat(read.get(read.size() - 1)).matches("has no end: .*|is truncated inside a record: .*");
        }
        Files.write(cut, Arrays.copyOf(whole, Recorder.MAGIC.length() - 1));
        assertThatThrownBy(() -> read(cut)).hasMessageContaining("not a recording (expected: ");
    }

    @Test
    void aRecordOfAKindThatIsNotKnownIsPassedOver() throws Exception {
        Files.writeString(file(), Recorder.MAGIC + "?\1\3abc>\1\1d");
        assertThat(read(file()))
                .containsExactly("REQUEST d", "has no end: it is being written, or its writer was killed");
    }

    /** 2^30 is 80 80 80 80 04 as a varint. */
    @Test
    void aRecordLongerThanAGibibyteIsDamageAndIsNotReadFor() throws Exception {
        String head = Recorder.MAGIC + ">\1";
        Files.writeString(file(), head + "\u0080\u0080\u0080\u0080\4abc", StandardCharsets.ISO_8859_1);
        assertThat(read(file()))
                .containsExactly("is truncated inside a record: its writer was killed, or the disk was full");
        Files.writeString(file(), head + "\u0081\u0080\u0080\u0080\4abc", StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> read(file()))
                .hasMessage("record: 1073741825 bytes (expected: <= 1073741824); damaged");
    }

    @Test
    void anotherVersionIsNamed() throws Exception {
        Files.writeString(file(), "kapacitor-udf recording 2\nwhatever");
        assertThatThrownBy(() -> read(file())).hasMessageEndingWith(": a recording of version 2 (expected: 1)");
    }

    @Test
    void aRecordingIsForItsOwnerAlone() throws Exception {
        Path foreign = Files.writeString(directory.resolve("foreign"), "as it was");
        Files.createSymbolicLink(file(), foreign);
        Recorder recorder = recorder(UNLIMITED);
        recorder.close("", LONG);
        assertThat(recorder.file()).isNotEqualTo(file());
        assertThat(Files.getPosixFilePermissions(recorder.file()))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        assertThat(foreign).hasContent("as it was");
    }

    @Test
    void aFileThatIsThereIsNotOverwritten() {
        Recorder first = recorder(UNLIMITED);
        Recorder second = recorder(UNLIMITED);
        Recorder third = recorder(UNLIMITED);
        assertThat(List.of(first.file(), second.file(), third.file()))
                .containsExactly(file(), directory.resolve("x-2.udfrec"), directory.resolve("x-3.udfrec"));
        for (Recorder recorder : List.of(first, second, third)) {
            recorder.close("", LONG);
        }
    }

    @Test
    void atTheLimitTheRecordingEndsWithAWarning() throws Exception {
        Recorder probe = recorder(UNLIMITED);
        say(probe, EntryKind.REQUEST, "x".repeat(1000));
        probe.close("", LONG);
        // The times may take a few bytes more or less.
        long room = Files.size(file()) + 20;
        Files.delete(file());

        Recorder within = recorder(room);
        say(within, EntryKind.REQUEST, "x".repeat(1000));
        within.close("", LONG);
        assertThat(read(file())).hasSize(4).endsWith("END ", "whole");
        assertThat(warnings).isEmpty();
        Files.delete(file());

        Recorder over = recorder(room);
        say(over, EntryKind.REQUEST, "x".repeat(1000));
        say(over, EntryKind.RESPONSE, "y".repeat(1000));
        say(over, EntryKind.RESPONSE, "z");
        assertThat(warnings.poll(5, TimeUnit.MINUTES))
                .isEqualTo(file() + ": the recording has ended, the session continues: limit of " + room
                        + " bytes reached");
        over.close("bye", LONG);
        assertThat(read(file()))
                .hasSize(4)
                .endsWith("END limit of " + room + " bytes reached", "whole")
                .noneMatch(line -> line.startsWith("RESPONSE"));
    }

    @Test
    void aFileThatCannotBeMadeIsAWarning() throws Exception {
        Recorder recorder = Recorder.start(directory.resolve("no/such/x"), "", UNLIMITED, warnings::add);
        assertThat(warnings.poll(5, TimeUnit.MINUTES))
                .endsWith("the session continues: cannot be created: no such directory");
        say(recorder, EntryKind.REQUEST, "goes on");
        recorder.close("", LONG);
        assertThat(warnings).isEmpty();
    }

    @Test
    void aFullDiskIsAWarning() throws Exception {
        FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);
        Recorder recorder = Recorder.start(file(), full, "", UNLIMITED, warnings::add);
        assertThat(warnings.poll(5, TimeUnit.MINUTES)).contains("cannot be written: ");
        say(recorder, EntryKind.REQUEST, "goes on");
        recorder.close("", LONG);
        assertThat(warnings).isEmpty();
    }

    @Test
    void aDiskThatDoesNotKeepUpDoesNotStopTheSession() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        // The output is not read, so that the recorder's thread blocks forever.
        FileChannel stuck = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Recorder recorder = Recorder.start(file(), stuck, "", UNLIMITED, warnings::add);
        byte[] bytes = new byte[1 << 20];
        for (int i = 0; i < 3 * Recorder.MAX_WAITING_BYTES / bytes.length; i++) {
            recorder.bytes(EntryKind.REQUEST, bytes, 0, bytes.length);
        }
        recorder.close("", Duration.ofMillis(1));
        stuck.close();
        assertThat(warnings.poll(5, TimeUnit.MINUTES)).contains("the session continues: the disk does not keep up");
    }
}
