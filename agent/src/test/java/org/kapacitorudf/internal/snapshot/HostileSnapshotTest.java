package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * Arbitrary bytes are restored as a snapshot, or cause a {@link SnapshotException} without any change, and never need
 * much memory.
 */
class HostileSnapshotTest {
    private static final int BODY_AT = 9;
    /**
     * The maximum allocation of one restore: these snapshots have a few hundred bytes, but mutated lengths claim
     * gigabytes.
     */
    private static final long MOST_BYTES = 8 << 20;

    enum Mood {
        CALM,
        ANGRY
    }

    record Item(String name, double weight, Optional<Mood> mood, Item next) {}

    /** A field for each way of reading a value. */
    static final class Everything {
        private long number = 1;
        private double[] doubles = {1.5, Double.NaN};
        private byte[] bytes = {1, 2, 3};
        private char character = 'x';
        private BigInteger integer = BigInteger.TEN.pow(30);
        private BigDecimal decimal = new BigDecimal("1.5e-7");
        private UUID uuid = new UUID(1, 2);
        private Instant instant = Instant.ofEpochSecond(5, 7);
        private Duration duration = Duration.ofMillis(5);
        private ZonedDateTime zoned = ZonedDateTime.parse("2024-02-29T12:00:00+01:00[Europe/Vienna]");
        private Mood mood = Mood.ANGRY;
        private Deque<Item> items = new ArrayDeque<>(List.of(new Item("a", 1, Optional.of(Mood.CALM), null)));
        private Map<String, List<Integer>> lists = new HashMap<>(Map.of("x", List.of(1, 2, 3)));
        private Map<Mood, Long> moods = new EnumMap<>(Map.of(Mood.CALM, 3L));
        private final PriorityQueue<Item> queue = new PriorityQueue<>(Comparator.comparingDouble(Item::weight));
        private final Nested nested = new Nested();

        private Everything(boolean filled) {
            if (filled) {
                queue.add(new Item("q", 2, Optional.empty(), new Item("r", 3, Optional.empty(), null)));
            }
        }
    }

    static final class Nested {
        private int[][] matrix = {{1, 2}, {}, {3}};
        private String text = "text";
    }

    private static final class Subject {
        private final States states = TestStates.of("udf", 1, 100_000);
        private final State<Everything> one = states.state("one", Everything.class, () -> new Everything(false));
        private final GroupState<Item> items = TestStates.groups(states, "items", Item.class, () -> null);

        Subject filled() {
            one.set(new Everything(true));
            items.put("host=a", new Item("a", 1, Optional.empty(), null));
            items.put("host=b", new Item("b", 2, Optional.of(Mood.ANGRY), new Item("c", 3, Optional.empty(), null)));
            return this;
        }
    }

    @Test
    void theSampleItselfIsASnapshot() {
        byte[] sample = TestStates.snapshot(new Subject().filled().states, new byte[] {1, 2, 3});
        assertThat(isSnapshot(sample)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyMutationIsASnapshotOrAnException(long seed) {
        Random random = new Random(seed);
        byte[] sample = TestStates.snapshot(new Subject().filled().states, new byte[] {1, 2, 3});
        int accepted = 0;
        int rounds = 5_000;
        for (int i = 0; i < rounds; i++) {
            if (isSnapshot(sealed(mutated(sample, random)))) {
                accepted++;
            }
        }
        // Otherwise nothing got past the envelope, or the mutations have no effect.
        assertThat(accepted).isBetween(rounds / 100, rounds * 9 / 10);
    }

    @Test
    void anyBytesInAStateAreAValueOrAnException() {
        Random random = new Random(5);
        for (int i = 0; i < 5_000; i++) {
            byte[] body = new byte[random.nextInt(40)];
            random.nextBytes(body);
            isSnapshot(withState(1, "one", body));
            isSnapshot(withState(2, "items", body));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9B7FFFFFFFFFFFFFFF", // an array of 2^63 - 1
                "9A7FFFFFFF00", // an array of 2^31 - 1
                "BB7FFFFFFFFFFFFFFF", // a map
                "BF6762797465735A7FFFFFF0", // "bytes": 2 GiB
                "BF6762797465735B000000FFFFFFFFFF", // "bytes": 1 TiB
                "BF6762797465735F5A7FFFFFF0", // "bytes" in chunks, the first of 2 GiB
                "BF6462797465735A7FFFFFF0", // an incomplete name
                "BF6662797465737A7FFFFFF0", // text of 2 GiB
                "BF7A7FFFFFF0", // a name of 2 GiB
                "BF67646F75626C65739B7FFFFFFFFFFFFFFF", // "doubles": an array of 2^63 - 1
                "BF67696E7465676572C25A7FFFFFF0", // "integer": a bignum of 2 GiB
                "BF67646563696D616CC4821B7FFFFFFFFFFFFFFF01FF", // "decimal": an exponent of 2^63 - 1
                "BF67646563696D616CC4821A7FFFFFFF01FF", // "decimal": 1e(2^31 - 1)
                "BF666E756D626572C4821A7FFFFFFF01FF", // "number": 1e(2^31 - 1)
                "BF67696E7374616E74C4821A7FFFFFFF01FF", // "instant": 1e(2^31 - 1)
                "BF67696E7374616E74C4823A7FFFFFFF01FF", // "instant": 1e-(2^31)
                "BF686475726174696F6EC4821A7FFFFFFF01FF", // "duration": 1e(2^31 - 1)
                "BF67696E7465676572C4821A7FFFFFFF01FF" // "integer": 1e(2^31 - 1)
            })
    void aClaimIsNotBelieved(String hex) {
        isSnapshot(withState(1, "one", HexFormat.of().parseHex(hex)));
        isSnapshot(withState(2, "items", HexFormat.of().parseHex("9F6161" + hex)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"81", "9F", "A16161", "BF6161", "C0", "D81C", "BF646E657874", "A1646E657874"})
    void depthIsBounded(String opening) {
        byte[] deep = HexFormat.of().parseHex(opening.repeat(50_000 / opening.length() * 2));
        assertThat(isSnapshot(withState(1, "one", deep))).isFalse();
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        group.writeBytes(HexFormat.of().parseHex("9F6161"));
        group.writeBytes(deep);
        assertThat(isSnapshot(withState(2, "items", group.toByteArray()))).isFalse();
    }

    /**
     * Restores into a fresh and a filled subject; any result except success and {@link SnapshotException} fails the
     * test.
     */
    private static boolean isSnapshot(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 500));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Subject subject = new Subject();
        Everything before = new Everything(false);
        subject.one.set(before);
        long allocated = threads.getCurrentThreadAllocatedBytes();
        try {
            subject.states.restore(bytes);
            return true;
        } catch (SnapshotException e) {
            assertThat(subject.one.get()).as(hex).isSameAs(before);
            assertThat(subject.items.size()).as(hex).isZero();
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(hex, e);
        } finally {
            assertThat(threads.getCurrentThreadAllocatedBytes() - allocated)
                    .as(hex)
                    .isLessThan(MOST_BYTES);
        }
    }

    private static byte[] mutated(byte[] sample, Random random) {
        byte[] bytes = sample.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = BODY_AT + random.nextInt(bytes.length - BODY_AT);
            int count = Math.min(1 + random.nextInt(8), bytes.length - at);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = spliced(bytes, at, count, new byte[0]);
                case 3 -> bytes = spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + count));
                case 4 -> {
                    int from = BODY_AT + random.nextInt(bytes.length - BODY_AT);
                    bytes = spliced(
                            bytes, at, count, Arrays.copyOfRange(bytes, from, Math.min(from + count, bytes.length)));
                }
                default -> bytes = Arrays.copyOf(bytes, Math.max(BODY_AT + 1, at));
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(inserted);
        out.write(bytes, at + removed, bytes.length - at - removed);
        return out.size() > BODY_AT ? out.toByteArray() : bytes;
    }

    private static byte[] withState(int kind, String name, byte[] body) {
        ByteBuffer snapshot = ByteBuffer.allocate(100 + body.length);
        snapshot.put("KUDF".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).putInt(0);
        snapshot.put((byte) 3)
                .put("udf".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putInt(0);
        snapshot.put((byte) kind).put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        snapshot.putInt(body.length).put(body);
        return sealed(Arrays.copyOf(snapshot.array(), snapshot.position()));
    }

    private static byte[] sealed(byte[] snapshot) {
        CRC32C crc = new CRC32C();
        crc.update(snapshot, BODY_AT, snapshot.length - BODY_AT);
        return ByteBuffer.wrap(snapshot).putInt(5, (int) crc.getValue()).array();
    }
}
