package org.kapacitorudf.internal.snapshot;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any bytes are restored completely, or cause a {@link SnapshotException} without any change, and never need much
 * memory. The restored state results in a snapshot that restores the same state. {@code show} shows the bytes, or
 * reports that they are not a snapshot.
 *
 * <pre>
 *   00 | bytes                      unchanged
 *   01 | body                       in an envelope with the correct checksum
 *   02 | body                       the same, deflated
 *   03 | kind | value               CBOR, in an envelope around one state
 * </pre>
 */
class SnapshotFuzzTest {
    private static final int MAX_SNAPSHOT_BYTES = 100_000;
    private static final long MOST_BYTES = 16 << 20;

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
        private Mood mood = Mood.ANGRY;
        private Deque<Item> items = new ArrayDeque<>();
        private Map<String, List<Integer>> lists = new HashMap<>(Map.of("x", List.of(1, 2, 3)));
        private Map<Mood, Long> moods = new EnumMap<>(Map.of(Mood.CALM, 3L));
        private int[][] matrix = {{1, 2}, {}, {3}};
        private String text = "text";
    }

    private static final class Subject {
        private final States states = new States(Description.stream("udf", ""), MAX_SNAPSHOT_BYTES, () -> 0);
        private final State<Everything> one = states.state("one", Everything.class, Everything::new);
        private final GroupState<Item> items = states.groupState("items", Item.class, () -> null, Expiry.never(), null);
        private final GroupState<Item> ageing =
                states.groupState("ageing", Item.class, () -> null, Expiry.afterEventTime(Duration.ofHours(1)), null);

        Subject filled() {
            Everything everything = new Everything();
            everything.items.add(new Item("a", 1, Optional.of(Mood.CALM), null));
            one.set(everything);
            items.put("host=a", new Item("a", 1, Optional.empty(), null));
            items.put("host=b", new Item("b", 2, Optional.of(Mood.ANGRY), new Item("c", 3, Optional.empty(), null)));
            states.advance(1_000);
            ageing.put("host=a", new Item("a", 1, Optional.empty(), null));
            return this;
        }

        byte[] snapshot(byte[] handlerBytes) {
            StateSnapshot snapshot = states.begin(handlerBytes, true);
            snapshot.goOn(() -> true);
            return snapshot.toBytes();
        }
    }

    private final Everything before = new Everything();
    private Subject subject = fresh();

    private Subject fresh() {
        Subject fresh = new Subject();
        fresh.one.set(before);
        return fresh;
    }

    @MethodSource("seeds")
    @FuzzTest
    void aSnapshotIsRestoredCompletelyOrNotAtAll(byte[] input) {
        Reading reading = new Reading(input);
        byte[] snapshot = switch (reading.below(4)) {
            case 0 -> reading.rest();
            case 1 -> sealed(1, reading.rest());
            case 2 -> sealed(2, deflated(reading.rest()));
            default -> sealed(1, body(reading.below(4), reading.rest()));
        };
        Claim.allocatingAtMost(MOST_BYTES, "restore", () -> {
            restore(snapshot);
            return snapshot;
        });
        show(snapshot);
    }

    private void restore(byte[] snapshot) {
        try {
            States.Restored restored = subject.states.restore(snapshot);
            if (snapshot.length > 0) {
                givesTheSameAgain(restored.handlerBytes());
            }
        } catch (SnapshotException e) {
            Claim.that(e.getMessage().contains("snapshot"), e.toString());
            Claim.that(subject.one.get() == before, "one: restored in part");
            Claim.same(0, subject.items.size(), "groups");
            Claim.same(0, subject.ageing.size(), "groups that expire");
        }
    }

    private void givesTheSameAgain(byte[] handlerBytes) {
        byte[] again;
        try {
            again = subject.snapshot(handlerBytes);
        } catch (SnapshotException e) {
            // A snapshot that was just small enough may be too large when it is written again.
            Claim.that(e.getMessage().contains("<= " + MAX_SNAPSHOT_BYTES), e.toString());
            subject = fresh();
            return;
        }
        Subject other = fresh();
        States.Restored restored = other.states.restore(again);
        Claim.that(Arrays.equals(handlerBytes, restored.handlerBytes()), "the handler's own bytes: others");
        Claim.that(Arrays.equals(again, other.snapshot(handlerBytes)), "a snapshot of what was restored: other bytes");
        subject = fresh();
    }

    private static void show(byte[] snapshot) {
        SnapshotView view;
        try {
            view = SnapshotView.of(snapshot, MAX_SNAPSHOT_BYTES);
        } catch (SnapshotException e) {
            return;
        }
        view.writeJson(OutputStream.nullOutputStream(), 10);
    }

    private static byte[] sealed(int format, byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return ByteBuffer.allocate(9 + body.length)
                .put("KUDF".getBytes(StandardCharsets.US_ASCII))
                .put((byte) format)
                .putInt((int) crc.getValue())
                .put(body)
                .array();
    }

    private static byte[] deflated(byte[] body) {
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(body);
            deflater.finish();
            byte[] out = new byte[body.length + 100];
            int length = deflater.deflate(out);
            return ByteBuffer.allocate(4 + length)
                    .putInt(body.length)
                    .put(out, 0, length)
                    .array();
        } finally {
            deflater.end();
        }
    }

    private static byte[] body(int kind, byte[] value) {
        String name = List.of("one", "one", "items", "ageing").get(kind);
        return ByteBuffer.allocate(3 + 1 + 8 + 2 + name.length() + 4 + value.length)
                .put((byte) 3)
                .put("udf".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putInt(0)
                .put((byte) kind)
                .put((byte) name.length())
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .putInt(value.length)
                .put(value)
                .array();
    }

    static List<byte[]> seeds() {
        byte[] snapshot = new Subject().filled().snapshot(new byte[] {1, 2, 3});
        byte[] body = Arrays.copyOfRange(snapshot, 9, snapshot.length);
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        group.writeBytes(new byte[] {(byte) 0x9F, 0x61, 'g', (byte) 0xBF, 0x64, 'n', 'a', 'm', 'e', 0x61, 'x'});
        group.writeBytes(new byte[] {0x66, 'w', 'e', 'i', 'g', 'h', 't', (byte) 0xFB, 0x3F, (byte) 0xE0, 0, 0, 0, 0});
        group.writeBytes(new byte[] {0, 0, (byte) 0xFF, (byte) 0xFF});
        return List.of(
                Seeds.with(snapshot, 0),
                Seeds.with(body, 1),
                Seeds.with(body, 2),
                Seeds.with(new byte[] {(byte) 0xBF, 0x66, 'n', 'u', 'm', 'b', 'e', 'r', 0x18, 0x2A, (byte) 0xFF}, 3, 1),
                Seeds.with(group.toByteArray(), 3, 2),
                Seeds.with(group.toByteArray(), 3, 3));
    }
}
