package org.kapacitorudf.server.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class DroppingOutputTest {
    private static final int BUFFER = DroppingOutput.MIN_BUFFER_BYTES;

    private final Reader reader = new Reader();
    private DroppingOutput output = new DroppingOutput(reader, TimeUnit.MINUTES.toMillis(5));

    /** A reader that does not read for a while, and a disk that is full for a while. */
    private static final class Reader extends OutputStream {
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private final CountDownLatch blocked = new CountDownLatch(1);
        private volatile CountDownLatch reads = new CountDownLatch(0);
        private volatile int room = Integer.MAX_VALUE;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                blocked.countDown();
                reads.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            synchronized (this) {
                int fits = Math.min(room, length);
                room -= fits;
                read.write(bytes, offset, fits);
                if (fits < length) {
                    throw new IOException("No space left on device");
                }
            }
        }

        synchronized String text() {
            return read.toString(StandardCharsets.US_ASCII);
        }
    }

    @AfterEach
    void read() {
        reader.reads.countDown();
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try {
            output.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The reader is blocked in a first line, and the rest waits. */
    private void stall() throws Exception {
        output.host();
        reader.reads = new CountDownLatch(1);
        write("first\n");
        reader.blocked.await();
    }

    private void goOn() throws Exception {
        reader.reads.countDown();
        while (!reader.text().endsWith("last\n")) {
            write("last\n");
            output.flush();
            // After a flush that has timed out, flushes do not wait, and these lines could fill the buffer.
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String line(int bytes) {
        return "x".repeat(bytes - 1) + "\n";
    }

    @Test
    void whatIsFlushedHasBeenWritten() throws Exception {
        output.host();
        for (int i = 0; i < 100; i++) {
            write(i + "\n");
            output.flush();
            assertThat(reader.text()).endsWith(i + "\n");
        }
        assertThat(output.getAsLong()).isZero();
    }

    @Test
    void aReaderThatStallsDelaysNoWriterAndLosesNothingWhileThereIsRoom() throws Exception {
        output = new DroppingOutput(reader);
        stall();
        for (int i = 0; i < 1_000; i++) {
            write(i + "\n");
            output.flush(); // waits only once, because a thousand times would take minutes
        }
        assertThat(reader.text()).isEmpty();
        goOn();
        assertThat(reader.text()).startsWith("first\n0\n1\n2\n").contains("\n998\n999\n");
        assertThat(output.getAsLong()).isZero();
    }

    @Test
    void anInterruptedThreadDoesNotWaitAndStaysInterrupted() throws Exception {
        stall();
        Thread.currentThread().interrupt();
        output.flush();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whatIsMoreThanTheBufferHoldsIsDroppedAndCounted() throws Exception {
        output.bufferBytes(BUFFER);
        stall();
        int room = BUFFER - "first\n".length();
        write(line(room - 1));
        write("\n\n");
        assertThat(output.getAsLong()).as("over the limit").isEqualTo(2);
        write("\n");
        assertThat(output.getAsLong()).as("at the limit").isEqualTo(2);
        write("1\n2\n3");
        write("4\n5");
        write("6\n");
        assertThat(output.getAsLong()).isEqualTo(2 + 3 + 1);
        goOn();
        assertThat(reader.text()).isEqualTo("first\n" + line(room - 1) + "\nlast\n");
    }

    @Test
    void aLineOfWhichOnlyTheBeginningFitsIsNotGluedToTheNext() throws Exception {
        output.bufferBytes(BUFFER);
        stall();
        write("beginning");
        write("x".repeat(BUFFER));
        write("end\n");
        write("next\n");
        goOn();
        assertThat(reader.text()).isEqualTo("first\nbeginning\nnext\nlast\n");
        assertThat(output.getAsLong()).isEqualTo(1);
    }

    @Test
    void onAFullDiskLinesAreCountedAndTheNextThatFitsBeginsALine() throws Exception {
        output.host();
        reader.room = 3;
        write("lost\n");
        output.flush();
        write("lost too\n");
        output.flush();
        assertThat(output.getAsLong()).isEqualTo(2);
        reader.room = Integer.MAX_VALUE;
        write("found\n");
        output.flush();
        assertThat(reader.text()).isEqualTo("los\nfound\n");
        assertThat(output.getAsLong()).isEqualTo(2);
    }

    @Test
    void afterAnErrorLinesAreCountedAndTheNextOnesAreWritten() throws Exception {
        AtomicBoolean exhausted = new AtomicBoolean(true);
        output = new DroppingOutput(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        reader.write(b);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        if (exhausted.getAndSet(false)) {
                            throw new OutOfMemoryError("once");
                        }
                        reader.write(bytes, offset, length);
                    }
                },
                TimeUnit.MINUTES.toMillis(5));
        output.host();
        write("lost\nlost too\n");
        output.flush();
        assertThat(output.getAsLong()).isEqualTo(2);
        write("found\n");
        output.flush();
        assertThat(reader.text()).isEqualTo("\nfound\n");
    }

    @Test
    void whoDoesNotHostWritesForHimself() throws Exception {
        write("at once");
        assertThat(reader.text()).isEqualTo("at once");
        reader.room = 0;
        assertThatThrownBy(() -> output.write('x')).hasMessage("No space left on device");
    }

    @Test
    void theBufferHasBounds() {
        output.bufferBytes(DroppingOutput.MIN_BUFFER_BYTES);
        output.bufferBytes(DroppingOutput.MAX_BUFFER_BYTES);
        for (long bytes : new long[] {DroppingOutput.MIN_BUFFER_BYTES - 1, DroppingOutput.MAX_BUFFER_BYTES + 1L}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> output.bufferBytes(bytes))
                    .withMessage("logBufferBytes: " + bytes + " (expected: 65536 to 1073741824)");
        }
    }
}
