package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

class StatesTest {
    private static final int MAX = 1_000_000;

    record Mean(double sum, long count) {}

    static final class Counter {
        private long count;
    }

    @Test
    void aGroupsValueIsMadeOnceAndStays() {
        GroupState<Counter> counters = TestStates.groups(states(), "counter", Counter.class, Counter::new);
        counters.of("a").count = 1;
        counters.of("b").count = 2;
        counters.of("a").count++;
        assertThat(counters.size()).isEqualTo(2);
        assertThat(counts(counters)).isEqualTo(Map.of("a", 2L, "b", 2L));
        counters.remove("a");
        assertThat(counters.of("a").count).isZero();
        Counter own = new Counter();
        counters.put("a", own);
        assertThat(counters.of("a")).isSameAs(own);
    }

    @Test
    void aGroupIsFoundOnlyIfItIsThere() {
        GroupState<Counter> counters = TestStates.groups(states(), "counter", Counter.class, Counter::new);
        Counter made = counters.of("a");
        assertThat(counters.find("a")).containsSame(made);
        assertThat(counters.find("b")).isEmpty();
        assertThat(counters.size()).isEqualTo(1);
    }

    @Test
    void freshMayChangeOtherGroups() {
        AtomicReference<GroupState<Counter>> self = new AtomicReference<>();
        GroupState<Counter> counters = TestStates.groups(states(), "counter", Counter.class, () -> {
            // Enough to make a hash table grow.
            for (int i = 0; i < 100; i++) {
                self.get().put("g" + i, new Counter());
            }
            return new Counter();
        });
        self.set(counters);
        counters.of("x").count = 5;
        assertThat(counters.size()).isEqualTo(101);
        assertThat(counters.of("x").count).isEqualTo(5);
    }

    @Test
    void aStatesValueIsMadeOnFirstUse() {
        State<Mean> mean = states().state("mean", Mean.class, () -> new Mean(0, 0));
        assertThat(mean.get()).isEqualTo(new Mean(0, 0)).isSameAs(mean.get());
        mean.set(new Mean(1, 1));
        assertThat(mean.get()).isEqualTo(new Mean(1, 1));
    }

    @Test
    void noValueIsNull() {
        State<Mean> mean = states().state("mean", Mean.class, () -> null);
        GroupState<Mean> means = TestStates.groups(states(), "means", Mean.class, () -> null);
        assertThatNullPointerException().isThrownBy(mean::get).withMessage("state: null (expected: a value)");
        assertThatNullPointerException().isThrownBy(() -> mean.set(null));
        assertThatNullPointerException().isThrownBy(() -> means.of("a"));
        assertThatNullPointerException().isThrownBy(() -> means.put("a", null));
        assertThatNullPointerException().isThrownBy(() -> means.put(null, new Mean(1, 1)));
        assertThat(means.size()).isZero();
    }

    @Test
    void aNameIsTakenOnce() {
        States states = states();
        states.state("mean", Mean.class, () -> null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestStates.groups(states, "mean", Mean.class, () -> null))
                .withMessage("state: \"mean\" (expected: each name once)");
        assertThatIllegalArgumentException().isThrownBy(() -> states.state("mean", Mean.class, () -> null));
    }

    @Test
    void nothingIsDeclaredOnceCreateHasReturned() {
        States states = states();
        states.seal();
        assertThatIllegalStateException()
                .isThrownBy(() -> states.state("mean", Mean.class, () -> null))
                .withMessage("state \"mean\": declared too late (expected: in create())");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\ud800"})
    void aNameIsPrintable(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> states().state(name, Mean.class, () -> null));
    }

    @Test
    void aNameIsNotTooLong() {
        assertThat(states().state("ä".repeat(127), Mean.class, () -> null)).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> states().state("ä".repeat(128), Mean.class, () -> null));
    }

    @Test
    void nothingIsZeroBytes() {
        States states = states();
        states.state("mean", Mean.class, () -> null);
        GroupState<Mean> means = TestStates.groups(states, "means", Mean.class, () -> null);
        means.put("a", new Mean(1, 1));
        means.remove("a");
        assertThat(TestStates.snapshot(states)).isEmpty();
        assertThat(TestStates.snapshot(states())).isEmpty();
    }

    @Test
    void zeroBytesAreNothing() {
        States.Restored restored = states().restore(new byte[0]);
        assertThat(restored.handlerBytes()).isEmpty();
        assertThat(restored.notes()).isEmpty();
    }

    @Test
    void allStateComesBack() {
        Holder before = new Holder();
        before.mean.set(new Mean(1.5, 3));
        before.counters.of("host=a").count = 7;
        before.counters.of("").count = 8;
        byte[] snapshot = TestStates.snapshot(before.states, new byte[] {1, 2, 3});
        Holder after = new Holder();
        States.Restored restored = after.states.restore(snapshot);
        assertThat(restored.handlerBytes()).containsExactly(1, 2, 3);
        assertThat(restored.notes()).isEmpty();
        assertThat(after.mean.get()).isEqualTo(new Mean(1.5, 3));
        assertThat(counts(after.counters)).isEqualTo(Map.of("host=a", 7L, "", 8L));
        assertThat(TestStates.snapshot(after.states, new byte[] {1, 2, 3})).isEqualTo(snapshot);
    }

    @Test
    void aRestoreReplacesWhatIsThere() {
        Holder before = new Holder();
        before.counters.of("a").count = 1;
        Holder after = new Holder();
        after.counters.of("b").count = 2;
        after.states.restore(TestStates.snapshot(before.states));
        assertThat(counts(after.counters)).isEqualTo(Map.of("a", 1L));
    }

    @Test
    void theBytesAreThoseOfTheDocumentation() {
        States states = TestStates.of("abc", 1, MAX);
        TestStates.groups(states, "window", Mean.class, () -> null).put("g", new Mean(0.5, 2));
        assertThat(TestStates.snapshot(states, bytes("CAFE")))
                .isEqualTo(bytes("4B554446 01 E0BE3B8E 03616263 00000001 00000002 CAFE"
                        + "02 0677696E646F77 0000001A 9F 6167 BF 6373756D FB3FE0000000000000 65636F756E74 02 FF FF"));
    }

    @Test
    void aForeignSnapshotIsRefused() {
        assertRefused(
                "{\"window\": 1}".getBytes(StandardCharsets.UTF_8),
                "snapshot: foreign, 13 bytes (expected: \"KUDF\" at its beginning)");
        assertRefused(bytes("4B"), "snapshot: foreign, 1 bytes (expected: \"KUDF\" at its beginning)");
        assertRefused(
                bytes("4B554447" + "00".repeat(100)),
                "snapshot: foreign, 104 bytes (expected: \"KUDF\" at its beginning)");
    }

    @Test
    void aSnapshotOfAnotherFormatIsRefused() {
        byte[] snapshot = sample();
        snapshot[4] = 3;
        assertRefused(snapshot, "snapshot: format 3 (expected: 1 or 2)");
        snapshot[4] = 0;
        assertRefused(snapshot, "snapshot: format 0 (expected: 1 or 2)");
    }

    @Test
    void anotherUdfsSnapshotIsRefused() {
        States other = TestStates.of("outliers", 1, MAX);
        assertRefused(
                TestStates.snapshot(other, new byte[1]), "snapshot: of UDF \"outliers\" (expected: \"movingAvg\")");
    }

    @Test
    void aSnapshotOfAnotherVersionIsRefused() {
        States other = TestStates.of("movingAvg", 2, MAX);
        assertRefused(
                TestStates.snapshot(other, new byte[1]), "snapshot: of version 2 of UDF \"movingAvg\" (expected: 1)");
    }

    @Test
    void aDamagedSnapshotIsRefusedWhereverTheDamageIs() {
        byte[] sample = sample();
        for (int i = 0; i < sample.length; i++) {
            byte[] damaged = sample.clone();
            damaged[i] ^= 0x10;
            assertThatExceptionOfType(SnapshotException.class)
                    .as("byte %d", i)
                    .isThrownBy(() -> new Holder().states.restore(damaged))
                    .withMessageStartingWith("snapshot: ");
        }
    }

    @Test
    void aTruncatedSnapshotIsRefusedWhereverItEnds() {
        byte[] sample = sample();
        for (int length = 1; length < sample.length; length++) {
            byte[] truncated = Arrays.copyOf(sample, length);
            assertThatExceptionOfType(SnapshotException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> new Holder().states.restore(truncated))
                    .withMessageMatching("snapshot: (damaged|foreign), .* \\(expected: .*\\)");
        }
    }

    @Test
    void aTruncatedSnapshotWithTheRightChecksumIsRefusedOrHasFewerStates() {
        byte[] sample = sample();
        int complete = 0;
        for (int length = 9; length < sample.length; length++) {
            byte[] truncated = sealed(Arrays.copyOf(sample, length));
            try {
                new Holder().states.restore(truncated);
                complete++;
            } catch (SnapshotException e) {
                assertThat(e).hasMessageStartingWith("snapshot: ");
            }
        }
        // After the handler's bytes, and after the first of two states.
        assertThat(complete).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 100_000_000})
    void aLengthThatIsNotThereIsNotBelieved(int length) {
        ByteBuffer snapshot = ByteBuffer.wrap(sample());
        int handlerBytesAt = 9 + 1 + "movingAvg".length() + 4;
        snapshot.putInt(handlerBytesAt, length);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> new Holder().states.restore(sealed(snapshot.array())))
                .withMessageMatching(
                        "snapshot: damaged, the handler's own bytes of \\d+ bytes \\(expected: <= \\d+\\)");
    }

    @Test
    void aFailedRestoreLeavesEverythingAsItWas() {
        States broken = TestStates.of("movingAvg", 1, MAX);
        broken.state("mean", Mean.class, () -> null).set(new Mean(9, 9));
        TestStates.groups(broken, "counters", String.class, () -> null).put("a", "not a counter");
        Holder holder = new Holder();
        holder.mean.set(new Mean(1, 1));
        holder.counters.of("b").count = 2;
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> holder.states.restore(TestStates.snapshot(broken)))
                .withMessageStartingWith(
                        "snapshot: state \"counters\": group \"a\": VALUE_STRING (expected: an object)");
        assertThat(holder.mean.get()).isEqualTo(new Mean(1, 1));
        assertThat(counts(holder.counters)).isEqualTo(Map.of("b", 2L));
    }

    @Test
    void aStateThatIsNoLongerDeclaredIsLeftOutWithANote() {
        Holder before = new Holder();
        before.mean.set(new Mean(1, 1));
        before.counters.of("a").count = 5;
        States after = states();
        GroupState<Counter> counters = TestStates.groups(after, "counters", Counter.class, Counter::new);
        States.Restored restored = after.restore(TestStates.snapshot(before.states));
        assertThat(restored.notes()).containsExactly("snapshot: state \"mean\" ignored (expected: one of [counters])");
        assertThat(counters.of("a").count).isEqualTo(5);
    }

    @Test
    void aStateThatTheSnapshotDoesNotHaveStartsFresh() {
        States before = states();
        TestStates.groups(before, "counters", Counter.class, Counter::new).of("a").count = 5;
        Holder after = new Holder();
        after.states.restore(TestStates.snapshot(before));
        assertThat(after.mean.get()).isEqualTo(new Mean(0, 0));
        assertThat(after.counters.of("a").count).isEqualTo(5);
    }

    @Test
    void aStateOfTheOtherKindIsRefused() {
        States before = states();
        TestStates.groups(before, "mean", Mean.class, () -> null).put("a", new Mean(1, 1));
        assertRefused(TestStates.snapshot(before), "snapshot: state \"mean\" of kind 2 (expected: 1, one value)");
    }

    @Test
    void aStateThatIsThereTwiceIsRefused() {
        byte[] sample = sample();
        int headerBytes = 9 + 1 + "movingAvg".length() + 4 + 4 + 3;
        byte[] twice = Arrays.copyOf(sample, sample.length + sample.length - headerBytes);
        System.arraycopy(sample, headerBytes, twice, sample.length, sample.length - headerBytes);
        assertRefused(sealed(twice), "snapshot: damaged, state \"mean\" twice (expected: each state once)");
    }

    @Test
    void moreThanTheLimitIsNoSnapshotAndStopsAtOnce() {
        States states = TestStates.of("movingAvg", 1, 1000);
        GroupState<String> strings = TestStates.groups(states, "strings", String.class, () -> "");
        strings.put("a", "x".repeat(900));
        assertThat(TestStates.snapshot(states)).hasSizeBetween(900, 1000);
        strings.put("b", "x".repeat(900));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> TestStates.snapshot(states))
                .withMessageContaining("snapshot: more than 1000 bytes (expected: <= 1000)");
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> TestStates.snapshot(states(), new byte[MAX]))
                .withMessage("snapshot: more than 1000000 bytes (expected: <= 1000000)");
    }

    @Test
    void aFailedSnapshotNamesStateAndGroup() {
        States states = states();
        GroupState<double[]> arrays = TestStates.groups(states, "arrays", double[].class, () -> new double[1]);
        arrays.put("\ud800", new double[1]);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> TestStates.snapshot(states))
                .withMessageStartingWith("state \"arrays\": group \"");
    }

    @Test
    void manyGroupsComeBack() {
        States before = TestStates.of("movingAvg", 1, Integer.MAX_VALUE);
        GroupState<Mean> means = TestStates.groups(before, "means", Mean.class, () -> new Mean(0, 0));
        for (int i = 0; i < 100_000; i++) {
            means.put("host=h" + i, new Mean(i, i));
        }
        States after = TestStates.of("movingAvg", 1, Integer.MAX_VALUE);
        GroupState<Mean> restored = TestStates.groups(after, "means", Mean.class, () -> new Mean(0, 0));
        after.restore(TestStates.snapshot(before));
        assertThat(restored.size()).isEqualTo(100_000);
        assertThat(restored.of("host=h99999")).isEqualTo(new Mean(99_999, 99_999));
    }

    private static final class Holder {
        private final States states = states();
        private final State<Mean> mean = states.state("mean", Mean.class, () -> new Mean(0, 0));
        private final GroupState<Counter> counters = TestStates.groups(states, "counters", Counter.class, Counter::new);
    }

    private static States states() {
        return TestStates.of("movingAvg", 1, MAX);
    }

    private static byte[] sample() {
        Holder holder = new Holder();
        holder.mean.set(new Mean(1.5, 3));
        holder.counters.of("a").count = 1;
        return TestStates.snapshot(holder.states, new byte[] {1, 2, 3});
    }

    /** Replaces the checksum by the correct one. */
    private static byte[] sealed(byte[] snapshot) {
        CRC32C crc = new CRC32C();
        crc.update(snapshot, 9, snapshot.length - 9);
        return ByteBuffer.wrap(snapshot).putInt(5, (int) crc.getValue()).array();
    }

    private static Map<String, Long> counts(GroupState<Counter> counters) {
        Map<String, Long> counts = new HashMap<>();
        counters.forEach((group, counter) -> counts.put(group, counter.count));
        return counts;
    }

    private static void assertRefused(byte[] snapshot, String message) {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> new Holder().states.restore(snapshot))
                .withMessage(message);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
