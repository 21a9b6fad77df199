package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.wire.MalformedMessageException;

/** The generated classes are the oracle: decoding and encoding must agree with them. */
class PointAgainstProtobufTest {
    private final RandomMessages messages = new RandomMessages(1);

    @Test
    void whateverProtobufAcceptsMeansTheSameToUs() {
        for (int round = 0; round < RandomMessages.rounds(10_000); round++) {
            byte[] bytes = messages.point();
            org.kapacitorudf.proto.Point expected = Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes)
                    .orElseThrow(() -> new AssertionError(hex(bytes)));
            assertSame(decode(bytes), expected, bytes);
        }
    }

    @Test
    void damagedBytesAreAcceptedIfAndOnlyIfProtobufAcceptsThem() {
        int accepted = 0;
        int noUtf8 = 0;
        int rounds = RandomMessages.rounds(20_000);
        for (int round = 0; round < rounds; round++) {
            byte[] bytes = messages.damaged(messages.point());
            Optional<org.kapacitorudf.proto.Point> expected =
                    Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes);
            if (Oracle.isUnreliable(bytes)) {
                assertThat(isAccepted(bytes) && expected.isEmpty() && !Oracle.isStructureOf("Point", bytes))
                        .as(() -> hex(bytes))
                        .isFalse();
            } else if (expected.isPresent()) {
                accepted++;
                assertSame(decode(bytes), expected.get(), bytes);
            } else if (Oracle.isStructureOf("Point", bytes)) {
                noUtf8 += isUtf8(decode(bytes)) ? 0 : 1;
            } else {
                assertThatThrownBy(() -> decode(bytes))
                        .as(() -> hex(bytes))
                        .isInstanceOf(MalformedMessageException.class);
            }
        }
        assertThat(accepted).as("accepted").isBetween(rounds / 10, rounds * 9 / 10);
        assertThat(noUtf8).as("accepted, but with texts that are no UTF-8").isPositive();
    }

    @Test
    void aChangeMeansTheSameAsTheGeneratedBuildersAndTouchesNothingElse() {
        for (int round = 0; round < RandomMessages.rounds(10_000); round++) {
            byte[] bytes = messages.point();
            org.kapacitorudf.proto.Point.Builder expected = Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes)
                    .orElseThrow(() -> new AssertionError(hex(bytes)))
                    .toBuilder();
            Point changed = decode(bytes);
            for (int i = messages.random().nextInt(3); i >= 0; i--) {
                changed = changed(changed, expected);
            }
            byte[] encoded = changed.encoded();
            assertThat(Oracle.parse(org.kapacitorudf.proto.Point.parser(), encoded))
                    .as(() -> hex(bytes))
                    .contains(expected.build());
            assertThat(decode(encoded)).as(() -> hex(bytes)).isEqualTo(changed);
        }
    }

    /** A valid name of a tag or field for functions. */
    private String name() {
        String name = messages.text().replace("\n", "");
        return name.isEmpty() ? "n" : name;
    }

    private Point changed(Point point, org.kapacitorudf.proto.Point.Builder expected) {
        return PointChanges.changed(
                point,
                expected,
                messages.random().nextInt(PointChanges.KINDS),
                name(),
                messages.text().replace("\n", ""),
                messages.random().nextLong() >> messages.random().nextInt(64),
                messages.random().nextGaussian(),
                messages.random().nextBoolean());
    }

    @Test
    void pointsAreEqualIfAndOnlyIfTheyMeanTheSame() {
        int equal = 0;
        for (int round = 0; round < RandomMessages.rounds(5_000); round++) {
            byte[] bytes = messages.point();
            org.kapacitorudf.proto.Point message = Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes)
                    .orElseThrow(() -> new AssertionError(hex(bytes)));
            assertThat(decode(bytes)).isEqualTo(decode(message.toByteArray()));
            assertThat(decode(bytes)).hasSameHashCodeAs(decode(message.toByteArray()));

            Optional<org.kapacitorudf.proto.Point> other =
                    Oracle.parse(org.kapacitorudf.proto.Point.parser(), messages.damaged(bytes));
            if (other.isPresent()) {
                boolean isSame = meaning(message).equals(meaning(other.get()));
                equal += isSame ? 1 : 0;
                assertThat(decode(other.get().toByteArray()).equals(decode(bytes)))
                        .as(() -> hex(bytes))
                        .isEqualTo(isSame);
            }
        }
        assertThat(equal).isPositive();
    }

    private static List<Object> meaning(org.kapacitorudf.proto.Point message) {
        return List.of(
                message.getTime(),
                message.getName(),
                message.getDatabase(),
                message.getRetentionPolicy(),
                message.getGroup(),
                List.copyOf(message.getDimensionsList()),
                message.getTagsMap(),
                Oracle.fields(message),
                message.getByName());
    }

    private static void assertSame(Point point, org.kapacitorudf.proto.Point expected, byte[] bytes) {
        assertThat(readAll(point)).as(() -> hex(bytes)).isEqualTo(meaning(expected));
        expected.getTagsMap()
                .forEach((name, value) ->
                        assertThat(point.tag(name)).as(() -> hex(bytes)).contains(value));
        Oracle.fields(expected).forEach((name, value) -> {
            assertThat(point.field(name)).as(() -> hex(bytes)).contains(value);
            assertThat(typedField(point, name, value)).as(() -> hex(bytes)).isEqualTo(value);
        });
        assertThat(point.field("nobody has this")).isEmpty();
        assertThat(point.tag("nobody has this")).isEmpty();
    }

    private static Object typedField(Point point, String name, Object value) {
        if (value instanceof Long number) {
            assertThat(point.doubleField(name)).isEqualTo((double) number);
            return point.intField(name);
        }
        if (value instanceof Double) {
            return point.doubleField(name);
        }
        return value instanceof Boolean ? point.boolField(name) : point.stringField(name);
    }

    private static List<Object> readAll(Point point) {
        return List.of(
                point.timeNanos(),
                point.name(),
                point.database(),
                point.retentionPolicy(),
                point.group(),
                point.dimensions(),
                point.tags(),
                point.fields(),
                point.byName());
    }

    /** Some texts are replaced by later ones. */
    private static boolean isUtf8(Point point) {
        try {
            readAll(point);
            return true;
        } catch (FieldException e) {
            assertThat(e).hasMessageContaining("(expected: valid UTF-8)");
            return false;
        }
    }

    private static boolean isAccepted(byte[] bytes) {
        try {
            decode(bytes);
            return true;
        } catch (MalformedMessageException e) {
            return false;
        }
    }

    /** In the middle of an array, so that reading beyond its end is detected. */
    private static Point decode(byte[] bytes) {
        byte[] array = new byte[bytes.length + 7];
        Arrays.fill(array, (byte) 0x7F);
        System.arraycopy(bytes, 0, array, 3, bytes.length);
        return Point.decode(array, 3, bytes.length);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
