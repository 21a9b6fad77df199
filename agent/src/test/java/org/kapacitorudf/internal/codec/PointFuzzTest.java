package org.kapacitorudf.internal.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.DynamicMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Oracle;
import org.kapacitorudf.Point;
import org.kapacitorudf.PointChanges;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * A point has the same contents as the generated class reads: as a whole, for single tags and fields, and through each
 * typed method. Changes result in the same message as with the generated builder, with everything else unchanged.
 * Invalid UTF-8 is refused by the methods that read it, and by nothing else.
 *
 * <pre>
 *   number of changes | kind, name, 8 bytes of value | ... | the point
 * </pre>
 */
class PointFuzzTest {
    private static final int MOST_CHANGES = 3;
    private static final int BEFORE = 3;
    private static final List<String> NAMES =
            List.of("", "value", "host", "v", "n", "\u00e9", "\ud83d\ude00", "x".repeat(200));

    @MethodSource("seeds")
    @FuzzTest
    void aPointIsWhatProtobufReadsAndWrites(byte[] input) {
        Reading reading = new Reading(input);
        int count = reading.below(MOST_CHANGES + 1);
        int[] kinds = new int[count];
        int[] names = new int[count];
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            kinds[i] = reading.below(PointChanges.KINDS);
            names[i] = reading.next();
            values[i] = reading.number();
        }
        byte[] bytes = reading.rest();
        Point point = decoded(bytes);
        if (point != null) {
            readsAnyway(point, bytes);
        }
        if (Oracle.isUnreliable(bytes)) {
            return;
        }
        org.kapacitorudf.proto.Point expected =
                Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes).orElse(null);
        if (expected == null) {
            textsAreRefusedWhenRead(point, bytes);
            return;
        }
        Claim.that(point != null, "point: refused (expected: " + expected + ")");
        saysTheSame(point, expected);
        isEqual(point, expected);
        changesTheSame(point, expected, kinds, names, values);
    }

    /** In the middle of an array, so that reading beyond its end is detected. */
    private static Point decoded(byte[] bytes) {
        byte[] array = new byte[BEFORE + bytes.length + 4];
        Arrays.fill(array, (byte) 0x7F);
        System.arraycopy(bytes, 0, array, BEFORE, bytes.length);
        try {
            return PointAccess.of(Point.class).decode(array, BEFORE, bytes.length);
        } catch (MalformedMessageException e) {
            Claim.that(e.position() >= BEFORE && e.position() <= BEFORE + bytes.length, "position: " + e.position());
            return null;
        }
    }

    /** Independent of texts. */
    private static void readsAnyway(Point point, byte[] bytes) {
        point.timeNanos();
        point.byName();
        point.toString();
        point.hashCode();
        Claim.that(point.equals(decoded(bytes)), "a point does not equal itself");
        Claim.that(Arrays.equals(bytes, point.encoded()), "encoded: other bytes");
        Claim.same(bytes.length, point.encodedSize(), "size");
        Claim.that(point.field("nobody has this").isEmpty(), "field that nobody has");
        Claim.that(point.tag("nobody has this").isEmpty(), "tag that nobody has");
    }

    private static void textsAreRefusedWhenRead(Point point, byte[] bytes) {
        DynamicMessage message = Oracle.parseWithoutTexts("Point", bytes);
        Claim.same(message != null, point != null, "accepted");
        if (message == null) {
            return;
        }
        Claim.same(Oracle.isUtf8(message, "name"), isRead(point::name), "name is read");
        Claim.same(Oracle.isUtf8(message, "database"), isRead(point::database), "database is read");
        Claim.same(
                Oracle.isUtf8(message, "retentionPolicy"), isRead(point::retentionPolicy), "retention policy is read");
        Claim.same(Oracle.isUtf8(message, "group"), isRead(point::group), "group is read");
        Claim.same(Oracle.isUtf8(message, "dimensions"), isRead(point::dimensions), "dimensions are read");
        Claim.same(Oracle.isUtf8(message, "tags"), isRead(point::tags), "tags are read");
        boolean fields = Oracle.isUtf8(message, "fieldsDouble")
                && Oracle.isUtf8(message, "fieldsInt")
                && Oracle.isUtf8(message, "fieldsString")
                && Oracle.isUtf8(message, "fieldsBool");
        // A text in a field that is replaced by a value of another type is not read.
        Claim.that(isRead(point::fields) || !fields, "fields are not read");
        for (String name : NAMES) {
            isRead(() -> point.tag(name));
            isRead(() -> point.field(name));
        }
        Point changed = point.withTimeNanos(1).withTag("t", "v").withField("f", 1.5);
        Claim.same("v", changed.tag("t").orElse(null), "tag");
        Claim.same(1.5, changed.doubleField("f"), "field");
    }

    private static boolean isRead(Supplier<?> read) {
        try {
            read.get();
            return true;
        } catch (FieldException e) {
            Claim.that(e.getMessage().endsWith("(expected: valid UTF-8)"), e.getMessage());
            return false;
        }
    }

    private static void saysTheSame(Point point, org.kapacitorudf.proto.Point expected) {
        Claim.same(Oracle.meaning(expected), meaning(point), "point");
        expected.getTagsMap()
                .forEach((name, value) -> Claim.same(value, point.tag(name).orElse(null), "tag"));
        Map<String, Object> fields = Oracle.fields(expected);
        fields.forEach((name, value) -> {
            Claim.same(value, point.field(name).orElse(null), "field");
            Claim.same(
                    value instanceof Double ? value : value instanceof Long number ? (Object) (double) number : null,
                    typed(() -> point.doubleField(name)),
                    "double");
            Claim.same(value instanceof Long ? value : null, typed(() -> point.intField(name)), "int");
            Claim.same(value instanceof String ? value : null, typed(() -> point.stringField(name)), "string");
            Claim.same(value instanceof Boolean ? value : null, typed(() -> point.boolField(name)), "bool");
        });
        for (String name : NAMES) {
            Claim.same(fields.get(name), point.field(name).orElse(null), "field");
            Claim.same(expected.getTagsMap().get(name), point.tag(name).orElse(null), "tag");
        }
    }

    private static Object typed(Supplier<Object> field) {
        try {
            return field.get();
        } catch (FieldException e) {
            return null;
        }
    }

    private static List<Object> meaning(Point point) {
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

    private static void isEqual(Point point, org.kapacitorudf.proto.Point expected) {
        Point same = decoded(expected.toByteArray());
        Claim.that(point.equals(same) && same.equals(point), "equals: false (expected: true, in another order)");
        Claim.same(same.hashCode(), point.hashCode(), "hash code");
        Claim.same(same.toString(), point.toString(), "text");
    }

    private static void changesTheSame(
            Point point, org.kapacitorudf.proto.Point message, int[] kinds, int[] names, long[] values) {
        if (kinds.length == 0) {
            return;
        }
        List<String> known = new ArrayList<>(NAMES);
        known.addAll(message.getTagsMap().keySet());
        known.addAll(Oracle.fields(message).keySet());
        org.kapacitorudf.proto.Point.Builder expected = message.toBuilder();
        Point changed = point;
        for (int i = 0; i < kinds.length; i++) {
            String name = known.get(names[i] % known.size());
            changed = PointChanges.changed(
                    changed,
                    expected,
                    kinds[i],
                    PointChanges.sets(kinds[i]) ? made(name) : name,
                    NAMES.get((int) (values[i] & 7)).replace("\n", ""),
                    values[i],
                    Double.longBitsToDouble(values[i]),
                    (values[i] & 8) != 0);
        }
        byte[] encoded = changed.encoded();
        Claim.same(
                expected.build(),
                Oracle.parse(org.kapacitorudf.proto.Point.parser(), encoded).orElse(null),
                "changed");
        Claim.that(changed.equals(decoded(encoded)), "changed: not the point that its bytes are");
        Claim.same(Oracle.meaning(expected.build()), meaning(changed), "changed");
        Claim.that(point.equals(decoded(message.toByteArray())), "a change has changed the point");
    }

    /** A valid name for functions: not empty, and without line breaks. */
    private static String made(String name) {
        String line = name.replace("\n", "");
        return line.isEmpty() ? "n" : line;
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] frame : Seeds.requests()) {
            Request request = Request.parseFrom(frame);
            if (request.hasPoint()) {
                seeds.add(Seeds.with(request.getPoint().toByteArray(), 0));
            }
        }
        for (byte[] bytes : List.of(full().toByteArray(), inAnyOrder())) {
            seeds.add(Seeds.with(bytes, 0));
            for (int kind = 0; kind < PointChanges.KINDS; kind++) {
                seeds.add(Seeds.with(bytes, 1, kind, kind + 7, kind, 0, 0, 0, 0, 0, 0, kind));
            }
        }
        return seeds;
    }

    private static org.kapacitorudf.proto.Point full() {
        return org.kapacitorudf.proto.Point.newBuilder()
                .setTime(1_700_000_000_000_000_000L)
                .setName("cpu")
                .setDatabase("telegraf")
                .setRetentionPolicy("autogen")
                .setGroup("host=a")
                .addDimensions("host")
                .putTags("host", "a")
                .putTags("", "\u00e9")
                .putFieldsDouble("value", 1.5)
                .putFieldsInt("n", -1)
                .putFieldsString("s", "text")
                .putFieldsBool("b", true)
                .setByName(true)
                .build();
    }

    /**
     * The fields repeated and in reverse order, one in two typed maps, an unknown one, a group, an entry without a key.
     */
    private static byte[] inAnyOrder() {
        byte[] unknown = {(byte) 0xC2, 0x0C, 1, 'a', (byte) 0xC3, 0x0C, 8, 1, (byte) 0xC4, 0x0C};
        byte[] entries = "b\u0005\n\u0001v\u0010\u0001J\u0005\n\u0001v\u0010\u0007:\u0002\u0012\u0000"
                .getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Seeds.with(full().toByteArray());
        byte[] all = Arrays.copyOf(unknown, unknown.length + entries.length + bytes.length);
        System.arraycopy(entries, 0, all, unknown.length, entries.length);
        System.arraycopy(bytes, 0, all, unknown.length + entries.length, bytes.length);
        return all;
    }
}
