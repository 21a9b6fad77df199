package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
class RecordedProcessTest {
    private static final byte[] END = {};
    private static final Duration LONG = Duration.ofMinutes(5);

    /** For output that ends: looks for many minutes. */
    private static final int MANY_LOOKS = 100 * RecordedProcess.SILENT_LOOKS;

    @TempDir
    private Path directory;

    private final BlockingQueue<byte[]> toAgent = new LinkedBlockingQueue<>();
    private final AtomicLong taken = new AtomicLong();
    private final CountDownLatch refused = new CountDownLatch(1);
    private final ByteArrayOutputStream fromAgent = new ByteArrayOutputStream();
    private final CountDownLatch ended = new CountDownLatch(1);
    private Recorder recorder;

    @BeforeEach
    void record() {
        recorder = Recorder.start(directory.resolve("x"), "", Long.MAX_VALUE, warning -> {});
    }

    @AfterEach
    void close() {
        recorder.close("", LONG);
    }

    private RecordedProcess start(Relay.Source source, Relay.Sink sink, String... command) throws IOException {
        return RecordedProcess.start(List.of(command), source, sink, recorder, MANY_LOOKS);
    }

    private RecordedProcess start(String... command) throws IOException {
        return start(new Queued(), new Kept(), command);
    }

    /** Kapacitor's output. */
    private final class Queued implements Relay.Source {
        @Override
        public int read(byte[] buffer) throws IOException {
            try {
                byte[] next = toAgent.take();
                System.arraycopy(next, 0, buffer, 0, next.length);
                taken.addAndGet(next.length);
                return next.length == 0 ? -1 : next.length;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() {
            refused.countDown();
        }
    }

    /** Kapacitor's input. */
    private class Kept implements Relay.Sink {
        @Override
        public void write(byte[] buffer, int length) throws IOException {
            fromAgent.write(buffer, 0, length);
        }

        @Override
        public void end() {
            ended.countDown();
        }
    }

    private byte[] give(int pieces) {
        Random random = new Random(1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < pieces; i++) {
            byte[] piece = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(piece);
            all.writeBytes(piece);
            toAgent.add(piece);
        }
        return all.toByteArray();
    }

    private byte[] recorded(EntryKind kind) throws IOException {
        recorder.close("", LONG);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (RecordingReader reader = RecordingReader.open(recorder.file())) {
            for (RecordingEntry next = reader.next(); next != null; next = reader.next()) {
                if (next.kind() == kind) {
                    bytes.writeBytes(next.bytes());
                }
            }
            assertThat(reader.isWhole()).isTrue();
        }
        return bytes.toByteArray();
    }

    @Test
    void whatPassesIsNotChangedAndIsRecorded() throws Exception {
        byte[] given = give(300);
        toAgent.add(END);
        assertThat(start("cat").converse()).isZero();
        assertThat(fromAgent.toByteArray()).isEqualTo(given);
        assertThat(ended.await(5, TimeUnit.MINUTES)).isTrue();
        assertThat(recorded(EntryKind.REQUEST)).isEqualTo(given);
        assertThat(recorded(EntryKind.RESPONSE)).isEqualTo(given);
    }

    @Test
    void aSlowAgentGetsAllThatWasPendingWhenItsInputEnded() throws Exception {
        byte[] given = give(300);
        toAgent.add(END);
        assertThat(start("sh", "-c", "sleep 0.3; head -c 1000; sleep 0.3; cat").converse())
                .isZero();
        assertThat(fromAgent.toByteArray()).isEqualTo(given);
    }

    @Test
    void anAgentThatDiesHasItsStatusAndKapacitorsNextWriteFails() throws Exception {
        assertThat(start("sh", "-c", "exec >&-; exit 7").converse()).isEqualTo(7);
        assertThat(ended.await(5, TimeUnit.MINUTES)).isTrue();
        toAgent.add(new byte[1]);
        assertThat(refused.await(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void aSignalIsTheStatusThatAShellGives() throws Exception {
        assertThat(start("sh", "-c", "kill -9 $$").converse()).isEqualTo(128 + 9);
    }

    @Test
    void anAgentThatNeverReadsKeepsKapacitorWaitingAndCanBeEnded() throws Exception {
        byte[] given = give(300);
        RecordedProcess process = start("sleep", "300");
        Thread signal = new Thread(process::terminate);
        signal.start();
        assertThat(process.converse()).isEqualTo(128 + 15);
        signal.join();
        assertThat(refused.await(5, TimeUnit.MINUTES)).isTrue();
        // A pipe plus the current buffer.
        assertThat(taken.get()).isLessThan(given.length / 4);
    }

    @Test
    void aReaderThatIsSlowGetsEverythingAlthoughTheAgentHasEnded() throws Exception {
        AtomicLong writes = new AtomicLong();
        Relay.Sink slow = new Kept() {
            @Override
            public void write(byte[] buffer, int length) throws IOException {
                if (writes.getAndIncrement() == 0) {
                    pause();
                }
                super.write(buffer, length);
            }
        };
        assertThat(start(new Queued(), slow, "head", "-c", "120000", "/dev/zero")
                        .converse())
                .isZero();
        assertThat(fromAgent.size()).isEqualTo(120_000);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(1500);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aGrandchildThatKeepsStdoutOpenDoesNotDelayTheEnd() throws Exception {
        RecordedProcess process = RecordedProcess.start(
                List.of("sh", "-c", "sleep 300 & echo $!; read go"),
                new Queued(),
                new Kept(),
                recorder,
                RecordedProcess.SILENT_LOOKS);
        while (!fromAgent.toString(StandardCharsets.UTF_8).endsWith("\n")) {
            Thread.sleep(1);
        }
        toAgent.add(new byte[] {'\n'});
        assertThat(process.converse()).isZero();
        long grandchild =
                Long.parseLong(fromAgent.toString(StandardCharsets.UTF_8).strip());
        assertThat(ProcessHandle.of(grandchild).orElseThrow().destroyForcibly()).isTrue();
    }
}
