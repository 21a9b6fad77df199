package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.SnapshotException;

/** Snapshots that are compressed, or claim to be. */
class EnvelopeTest {
    private static final int MAX = 1_000_000;
    private static final int FORMAT_AT = 4;

    private static byte[] snapshot(byte[] handlerBytes) {
        return TestStates.snapshot(TestStates.of("f", 1, MAX), handlerBytes);
    }

    private static byte[] handlerBytes(byte[] snapshot, int maxBytes) {
        return TestStates.of("f", 1, maxBytes).restore(snapshot).handlerBytes();
    }

    @Test
    void whatIsLargeAndRepeatsItselfIsDeflated() {
        byte[] handlerBytes = new byte[100_000];
        Arrays.fill(handlerBytes, (byte) 7);
        byte[] snapshot = snapshot(handlerBytes);
        assertThat(snapshot[FORMAT_AT]).isEqualTo((byte) 2);
        assertThat(snapshot).hasSizeLessThan(1_000);
        assertThat(handlerBytes(snapshot, MAX)).isEqualTo(handlerBytes);
    }

    @Test
    void whatIsSmallStaysAsItIs() {
        int around = snapshot(new byte[1]).length - 1;
        assertThat(snapshot(new byte[4096 + 9 - around])[FORMAT_AT]).isEqualTo((byte) 1);
        assertThat(snapshot(new byte[4096 + 9 - around + 1])[FORMAT_AT]).isEqualTo((byte) 2);
    }

    @Test
    void whatWouldHardlyGetShorterStaysAsItIs() {
        byte[] handlerBytes = new byte[100_000];
        new Random(1).nextBytes(handlerBytes);
        assertThat(snapshot(handlerBytes)[FORMAT_AT]).isEqualTo((byte) 1);
        // Nine tenths are incompressible, slightly more than one tenth is compressible.
        Arrays.fill(handlerBytes, 0, 9_000, (byte) 0);
        assertThat(snapshot(handlerBytes)[FORMAT_AT]).isEqualTo((byte) 1);
        Arrays.fill(handlerBytes, 0, 12_000, (byte) 0);
        byte[] snapshot = snapshot(handlerBytes);
        assertThat(snapshot[FORMAT_AT]).isEqualTo((byte) 2);
        assertThat(handlerBytes(snapshot, MAX)).isEqualTo(handlerBytes);
    }

    @Test
    void theLimitIsForWhatItIsInflated() {
        int plainBytes = snapshot(new byte[1]).length - 1 + 100_000;
        byte[] snapshot = snapshot(new byte[100_000]);
        assertThat(handlerBytes(snapshot, plainBytes)).hasSize(100_000);
        assertRefused(
                snapshot, plainBytes - 1, "snapshot: " + plainBytes + " bytes (expected: <= " + (plainBytes - 1) + ")");
    }

    @Test
    void aBombIsRefusedBeforeItGoesOff() {
        byte[] bomb = deflated(50_000_000, new byte[50_000_000]);
        assertThat(bomb).hasSizeLessThan(MAX);
        assertRefused(bomb, MAX, "snapshot: 50000009 bytes (expected: <= 1000000)");
    }

    @Test
    void aLengthThatNothingCouldBeInflatedToIsNotBelieved() {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> handlerBytes(deflated(MAX - 100, new byte[10]), MAX))
                .withMessageMatching("snapshot: damaged, deflated body of 999900 bytes \\(expected: <= \\d+\\)");
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> handlerBytes(deflated(-1, new byte[10]), MAX))
                .withMessageMatching("snapshot: damaged, deflated body of 4294967295 bytes \\(expected: <= \\d+\\)");
    }

    @Test
    void moreOrLessThanTheLengthSaysIsRefused() {
        byte[] body = new byte[5_000];
        for (int length : new int[] {0, 1, 4_999, 5_001, 10_000}) {
            assertRefused(
                    deflated(length, body),
                    MAX,
                    "snapshot: damaged, deflated body (expected: " + length + " bytes, and nothing after them)");
        }
    }

    @Test
    void aDeflatedBodyWithoutItsEndIsRefused() {
        byte[] snapshot = deflated(5_000, new byte[5_000]);
        for (int missing = 1; missing <= 5; missing++) {
            assertRefused(
                    sealed(Arrays.copyOf(snapshot, snapshot.length - missing)),
                    MAX,
                    "snapshot: damaged, deflated body (expected: 5000 bytes, and nothing after them)");
        }
    }

    @Test
    void whatFollowsADeflatedBodyIsRefused() {
        byte[] snapshot = snapshot(new byte[100_000]);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> handlerBytes(sealed(Arrays.copyOf(snapshot, snapshot.length + 1)), MAX))
                .withMessageContaining("and nothing after them");
    }

    @Test
    void aDeflatedSnapshotThatIsDamagedUnderARightChecksumIsRefusedOrRead() {
        byte[] handlerBytes = new byte[10_000];
        new Random(2).nextBytes(handlerBytes);
        Arrays.fill(handlerBytes, 0, 5_000, (byte) 1);
        byte[] snapshot = snapshot(handlerBytes);
        assertThat(snapshot[FORMAT_AT]).isEqualTo((byte) 2);
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged =
                    Arrays.copyOf(snapshot, random.nextInt(3) > 0 ? snapshot.length : 9 + random.nextInt(5_000));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                damaged[9 + random.nextInt(Math.max(1, damaged.length - 9)) % (damaged.length - 8)] ^=
                        (byte) (1 << random.nextInt(8));
            }
            try {
                handlerBytes(sealed(damaged), MAX);
            } catch (SnapshotException e) {
                assertThat(e).hasMessageStartingWith("snapshot: ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(4_900);
    }

    /** A snapshot with arbitrary compressed content and any length. */
    private static byte[] deflated(int length, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflating = new DeflaterOutputStream(out, new Deflater(Deflater.BEST_SPEED))) {
            deflating.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] deflated = out.toByteArray();
        return sealed(ByteBuffer.allocate(13 + deflated.length)
                .put(new byte[] {'K', 'U', 'D', 'F', 2, 0, 0, 0, 0})
                .putInt(length)
                .put(deflated)
                .array());
    }

    private static byte[] sealed(byte[] snapshot) {
        CRC32C crc = new CRC32C();
        crc.update(snapshot, 9, snapshot.length - 9);
        return ByteBuffer.wrap(snapshot).putInt(5, (int) crc.getValue()).array();
    }

    private static void assertRefused(byte[] snapshot, int maxBytes, String message) {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> handlerBytes(snapshot, maxBytes))
                .withMessage(message);
    }
}
