package org.kapacitorudf;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.PointFormat.TextDecoding;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.ByteSink;
import org.kapacitorudf.internal.wire.Encoded;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.internal.wire.Structure;
import org.kapacitorudf.internal.wire.Wire;

/**
 * A point: a time, a name, tags, and fields of four types.
 *
 * <p>A value that never changes and may be kept for ever. It is the bytes that Kapacitor sent: what is asked for is decoded when it is asked for, and the
 * {@code with...} methods give changed copies in which all that was not changed is what it was, byte for byte, fields of a later protocol too.
 *
 * <p>Kapacitor sets everything in the points of a stream. In the points of a batch it sets time, group, tags and fields only. Of a point that comes back it
 * takes everything but the group, which it computes again.
 *
 * <p>Two points are equal when they mean the same: the order of tags and fields does not count, nor does what is unknown to this class.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link FieldException} from whatever reads a text that is no UTF-8 (old versions of Kapacitor pass such texts on; one that nobody reads goes back
 * as it came), and from the methods that want a field to be there. {@link IllegalArgumentException} from whatever is given a text that is no Unicode:
 * {@code field name: "a\ud800" (expected: valid Unicode)}; and of a name of a tag or field that is empty, and of a line break in a name or a tag, for which line
 * protocol has no place. {@link Output} refuses points without fields.
 */
public final class Point {
    private static final int BEHIND_TAGS = 7;

    static {
        PointAccess.set(new PointAccess<Point>() {
            @Override
            public Point decode(byte[] bytes, int offset, int length) {
                return Point.decode(bytes, offset, length);
            }

            @Override
            public void encodedTo(Point point, ByteSink sink) {
                point.encodedTo(sink);
            }
        });
    }

    private final byte[] bytes;
    private final int offset;
    private final int end;

    /** One more than what {@link #fieldsAt} has found, 0 before: so a thread that sees the point too early looks itself, and finds the same. */
    private int foundFieldsAt;

    /** Null for none. */
    private final @Nullable Flaws flaws;

    private Point(byte[] bytes, int offset, int end, @Nullable Flaws flaws) {
        this.bytes = bytes;
        this.offset = offset;
        this.end = end;
        this.flaws = flaws;
    }

    /** A point without tags and fields. */
    public static Point of(String name, long timeNanos) {
        return new Point(Encoded.NOTHING, 0, 0, Flaws.FIELDLESS)
                .withTimeNanos(timeNanos)
                .withName(name);
    }

    /**
     * Makes a point of its {@linkplain #encoded encoding}, the protobuf message {@code agent.Point}. All is checked but the
     * texts, which are checked when they are read.
     *
     * @throws IllegalArgumentException if a protobuf parser would not accept the bytes
     */
    public static Point decode(byte[] encoding) {
        try {
            return decode(encoding.clone(), 0, encoding.length);
        } catch (MalformedMessageException e) {
            throw new IllegalArgumentException("point: " + e.getMessage(), e);
        }
    }

    /** See {@link PointAccess#decode}. */
    static Point decode(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        Structure.check(bytes, offset, offset + length, PointFormat.MAPS);
        return new Point(bytes, offset, offset + length, null);
    }

    /** The time in nanoseconds since the epoch. */
    public long timeNanos() {
        int field = single(PointFormat.TIME);
        return field < 0 ? 0 : Wire.varintAt(bytes, Wire.valueStart(bytes, field));
    }

    /** The time, as {@link #timeNanos()}. */
    public Instant time() {
        return Instant.ofEpochSecond(0, timeNanos());
    }

    /** The measurement. */
    public String name() {
        return text(PointFormat.NAME, "name", TextDecoding.STRICT);
    }

    public String database() {
        return text(PointFormat.DATABASE, "database", TextDecoding.STRICT);
    }

    public String retentionPolicy() {
        return text(PointFormat.RETENTION_POLICY, "retention policy", TextDecoding.STRICT);
    }

    /** The id of the group that the point belongs to: {@code "host=a,region=eu"}; empty when the stream is not grouped. */
    public String group() {
        return text(PointFormat.GROUP, "group", TextDecoding.STRICT);
    }

    private String text(int tag, String what, TextDecoding texts) {
        return PointFormat.text(bytes, single(tag), what, "", texts);
    }

    /** The field with this tag, whose number is not above that of the tags; -1 if there is none. */
    private int single(int tag) {
        int fieldsAt = fieldsAt();
        return fieldsAt > offset ? Wire.lastInOrder(bytes, offset, fieldsAt, tag) : Wire.last(bytes, offset, end, tag);
    }

    private int tagsEnd() {
        int fieldsAt = fieldsAt();
        return fieldsAt > offset ? fieldsAt : end;
    }

    /**
     * Where the fields begin, behind everything up to the tags, if all is in the order of its numbers; if not, the offset. Found when it is first needed: a handler
     * that reads nothing does not pay for it, and one that reads a group and a field gains.
     */
    private int fieldsAt() {
        int found = foundFieldsAt;
        if (found == 0) {
            found = Wire.split(bytes, offset, end, BEHIND_TAGS + 1) + 1;
            foundFieldsAt = found;
        }
        return found - 1;
    }

    /** The names of the tags that the stream is grouped by. */
    public List<String> dimensions() {
        return dimensions(TextDecoding.STRICT);
    }

    private List<String> dimensions(TextDecoding texts) {
        List<String> dimensions = new ArrayList<>();
        for (int field = offset; field < end; field = Wire.fieldEnd(bytes, field)) {
            if (Wire.tagAt(bytes, field) == PointFormat.DIMENSION) {
                dimensions.add(PointFormat.text(bytes, field, "dimension", "", texts));
            }
        }
        return Collections.unmodifiableList(dimensions);
    }

    /** Whether the stream is grouped by the measurement too. */
    public boolean byName() {
        int field = Wire.last(bytes, offset, end, PointFormat.BY_NAME);
        return field >= 0 && Wire.varintAt(bytes, Wire.valueStart(bytes, field)) != 0;
    }

    /** All tags, in no particular order. */
    public Map<String, String> tags() {
        return PointFormat.tags(bytes, offset, end, TextDecoding.STRICT);
    }

    public Optional<String> tag(String name) {
        int entry = PointFormat.findTag(bytes, offset, tagsEnd(), name);
        return entry < 0
                ? Optional.empty()
                : Optional.of(PointFormat.stringValue(bytes, entry, "tag", name, TextDecoding.STRICT));
    }

    /** All fields, in no particular order; the values are {@link Double}, {@link Long}, {@link String} and {@link Boolean}. */
    public Map<String, Object> fields() {
        return PointFormat.fields(bytes, offset, end, TextDecoding.STRICT);
    }

    /** The value of a field: a {@link Double}, {@link Long}, {@link String} or {@link Boolean}. */
    public Optional<Object> field(String name) {
        int entry = find(name);
        return entry < 0 ? Optional.empty() : Optional.of(PointFormat.value(bytes, entry, name, TextDecoding.STRICT));
    }

    /**
     * The value of a field that is a double, or an int, which is widened.
     *
     * @throws FieldException if there is none: {@code field "value": a string (expected: a number)}
     */
    public double doubleField(String name) {
        int entry = find(name);
        int type = typeOf(entry);
        if (type == PointFormat.DOUBLE) {
            return PointFormat.doubleValue(bytes, entry);
        }
        if (type == PointFormat.INT) {
            return PointFormat.intValue(bytes, entry);
        }
        throw wrongField(name, type, "a number");
    }

    /**
     * The value of a field that is an int.
     *
     * @throws FieldException if there is none
     */
    public long intField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.INT) {
            throw wrongField(name, typeOf(entry), "an int");
        }
        return PointFormat.intValue(bytes, entry);
    }

    /**
     * The value of a field that is a string.
     *
     * @throws FieldException if there is none
     */
    public String stringField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.STRING) {
            throw wrongField(name, typeOf(entry), "a string");
        }
        return PointFormat.stringValue(bytes, entry, "field", name, TextDecoding.STRICT);
    }

    /**
     * The value of a field that is a bool.
     *
     * @throws FieldException if there is none
     */
    public boolean boolField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.BOOL) {
            throw wrongField(name, typeOf(entry), "a bool");
        }
        return PointFormat.boolValue(bytes, entry);
    }

    /**
     * The value of a field that is a double, or an int, which is widened; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type: {@code field "value": a string (expected: a number)}
     */
    public OptionalDouble findDouble(String name) {
        return find(name) < 0 ? OptionalDouble.empty() : OptionalDouble.of(doubleField(name));
    }

    /**
     * The value of a field that is an int; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type
     */
    public OptionalLong findInt(String name) {
        return find(name) < 0 ? OptionalLong.empty() : OptionalLong.of(intField(name));
    }

    /**
     * The value of a field that is a string; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type
     */
    public Optional<String> findString(String name) {
        return find(name) < 0 ? Optional.empty() : Optional.of(stringField(name));
    }

    /**
     * The value of a field that is a bool; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type
     */
    public Optional<Boolean> findBool(String name) {
        return find(name) < 0 ? Optional.empty() : Optional.of(boolField(name));
    }

    private int find(String name) {
        return PointFormat.findField(bytes, fieldsAt(), end, name);
    }

    private int typeOf(int entry) {
        return entry < 0 ? -1 : Wire.tagAt(bytes, entry);
    }

    private static FieldException wrongField(String name, int type, String expected) {
        String found = type == PointFormat.DOUBLE
                ? "a double"
                : type == PointFormat.INT
                        ? "an int"
                        : type == PointFormat.STRING ? "a string" : type == PointFormat.BOOL ? "a bool" : "missing";
        return new FieldException("field \"" + name + "\": " + found + " (expected: " + expected + ")");
    }

    public Point withTimeNanos(long timeNanos) {
        return with(1, timeNanos == 0 ? Encoded.NOTHING : Encoded.varint(PointFormat.TIME, timeNanos));
    }

    public Point withName(String name) {
        if (name.indexOf('\n') >= 0 && !name.equals(name())) {
            PointFormat.oneLine("name", name);
        }
        return copied(withText(PointFormat.NAME, "name", name), Flaws.withName(flaws, name));
    }

    /** A copy with what the points of a stream have and those of a batch do not; of names and tags that came from Kapacitor, whatever they are. */
    Point inStream(String name, String group, boolean byName, Map<String, String> tags, List<String> dimensions) {
        Point streamed =
                withText(PointFormat.NAME, "name", name).withGroup(group).withDimensions(byName, dimensions);
        for (String tag : dimensions) {
            String value = Objects.requireNonNull(tags.get(tag), tag);
            if (!tag(tag).equals(Optional.of(value))) {
                streamed = streamed.withTag(tag, PointFormat.tagEntry(tag, value));
            }
        }
        return copied(streamed, Flaws.named(streamed.flaws));
    }

    private static Point copied(Point point, @Nullable Flaws flaws) {
        return flaws == point.flaws ? point : new Point(point.bytes, point.offset, point.end, flaws);
    }

    public Point withDatabase(String database) {
        return withText(PointFormat.DATABASE, "database", database);
    }

    public Point withRetentionPolicy(String retentionPolicy) {
        return withText(PointFormat.RETENTION_POLICY, "retention policy", retentionPolicy);
    }

    /** A copy with another group id. Kapacitor ignores it: it makes its own from tags and dimensions. */
    public Point withGroup(String group) {
        return withText(PointFormat.GROUP, "group", group);
    }

    private Point withText(int tag, String what, String text) {
        Objects.requireNonNull(text, what);
        return with(Wire.number(tag), text.isEmpty() ? Encoded.NOTHING : Encoded.text(tag, what, text));
    }

    /** A copy that is grouped by the measurement, or not, and by these tags. */
    public Point withDimensions(boolean byName, List<String> dimensions) {
        List<byte[]> encoded = new ArrayList<>();
        for (String dimension : dimensions) {
            encoded.add(Encoded.text(PointFormat.DIMENSION, "dimension", dimension));
        }
        return with(Wire.number(PointFormat.DIMENSION), Encoded.joined(encoded))
                .with(
                        Wire.number(PointFormat.BY_NAME),
                        byName ? Encoded.varint(PointFormat.BY_NAME, 1) : Encoded.NOTHING);
    }

    private Point with(int number, byte[] field) {
        return of(PointEdit.replace(bytes, offset, offset, end, 1 << number, number, field), flaws);
    }

    /** A copy with these tags and no others. */
    public Point withTags(Map<String, String> tags) {
        List<byte[]> encoded = new ArrayList<>();
        tags.forEach((name, value) -> encoded.add(tagEntry(name, value)));
        return with(Wire.number(PointFormat.TAG), Encoded.joined(encoded));
    }

    public Point withTag(String name, String value) {
        return withTag(name, tagEntry(name, value));
    }

    /** Encodes a tag. A tag that the point already has is accepted unchanged, even one that would be refused otherwise. */
    private byte[] tagEntry(String name, String value) {
        if (!PointFormat.isSoundTag(name, value) && !tag(name).equals(Optional.of(value))) {
            PointFormat.checkTag(name, value);
        }
        return PointFormat.tagEntry(name, value);
    }

    public Point withoutTag(String name) {
        return withTag(name, Encoded.NOTHING);
    }

    private Point withTag(String name, byte[] entry) {
        int number = Wire.number(PointFormat.TAG);
        return of(PointEdit.replaceEntry(bytes, offset, offset, end, 1 << number, name, number, entry), flaws);
    }

    /** A copy with these fields and no others. */
    public Point withFields(Fields fields) {
        return of(
                PointEdit.replace(bytes, offset, fieldsAt(), end, PointFormat.FIELDS, BEHIND_TAGS, fields.bytes()),
                Flaws.withFields(flaws, fields));
    }

    public Point withField(String name, double value) {
        return withField(name, PointFormat.doubleEntry(name, value), Double.isFinite(value));
    }

    public Point withField(String name, long value) {
        return withField(name, PointFormat.intEntry(name, value), true);
    }

    public Point withField(String name, String value) {
        return withField(name, PointFormat.stringEntry(name, value), true);
    }

    public Point withField(String name, boolean value) {
        return withField(name, PointFormat.boolEntry(name, value), true);
    }

    public Point withoutField(String name) {
        byte[] changed = edited(name, BEHIND_TAGS, Encoded.NOTHING);
        boolean leavesNone = changed.length < end - offset && !hasFields(changed);
        return of(changed, Flaws.withoutField(flaws, name, leavesNone));
    }

    private static boolean hasFields(byte[] bytes) {
        for (int field = 0; field < bytes.length; field = Wire.fieldEnd(bytes, field)) {
            if (PointFormat.isField(Wire.tagAt(bytes, field))) {
                return true;
            }
        }
        return false;
    }

    private Point withField(String name, byte[] entry, boolean finite) {
        return of(edited(name, Wire.number(entry[0]), entry), Flaws.withField(flaws, name, finite));
    }

    private byte[] edited(String name, int behind, byte[] entry) {
        return PointEdit.replaceEntry(bytes, offset, fieldsAt(), end, PointFormat.FIELDS, name, behind, entry);
    }

    private static Point of(byte[] bytes, @Nullable Flaws flaws) {
        return new Point(bytes, 0, bytes.length, flaws);
    }

    /**
     * Whether a consumer can take what a function has made of this point. What came from Kapacitor is not looked at. For those who send points.
     */
    public boolean isSound() {
        return flaws == null;
    }

    /** The fields that a function has given a value that is not finite. For those who send points. */
    public List<String> nonFiniteFields() {
        return flaws == null ? List.of() : flaws.nonFinite();
    }

    /**
     * What no consumer can take of a point that a function has made, whatever its values. For those who send points.
     *
     * @param inBatch whether it is a point of a batch, which needs no name of its own
     * @return the rule that is broken: {@code fields: none (expected: at least one)}
     */
    public Optional<String> brokenRule(boolean inBatch) {
        if (flaws == null) {
            return Optional.empty();
        }
        if (flaws.fieldless()) {
            return Optional.of("fields: none (expected: at least one)");
        }
        return flaws.nameless() && !inBatch ? Optional.of("name: \"\" (expected: not empty)") : Optional.empty();
    }

    /** This point as if a function had made all of it. For those who store points: the encoding does not tell what came from Kapacitor and what was made. */
    public Point asMade() {
        Map<String, Object> fields = fields();
        List<String> nonFinite = fields.entrySet().stream()
                .filter(field -> field.getValue() instanceof Double value && !Double.isFinite(value))
                .map(Map.Entry::getKey)
                .toList();
        return new Point(bytes, offset, end, Flaws.orNull(name().isEmpty(), fields.isEmpty(), nonFinite));
    }

    /** A copy of the encoding, the protobuf message {@code agent.Point}. */
    public byte[] encoded() {
        return Arrays.copyOfRange(bytes, offset, end);
    }

    /** How many bytes the encoding has. */
    public int encodedSize() {
        return end - offset;
    }

    /** See {@link PointAccess#encodedTo}. */
    void encodedTo(ByteSink sink) {
        sink.write(bytes, offset, end - offset);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Point that)) {
            return false;
        }
        return Arrays.equals(bytes, offset, end, that.bytes, that.offset, that.end)
                || (timeNanos() == that.timeNanos()
                        && byName() == that.byName()
                        && equalText(that, PointFormat.NAME)
                        && equalText(that, PointFormat.DATABASE)
                        && equalText(that, PointFormat.RETENTION_POLICY)
                        && equalText(that, PointFormat.GROUP)
                        && dimensions(TextDecoding.RAW).equals(that.dimensions(TextDecoding.RAW))
                        && rawTags().equals(that.rawTags())
                        && rawFields().equals(that.rawFields()));
    }

    private boolean equalText(Point that, int tag) {
        return text(tag, "", TextDecoding.RAW).equals(that.text(tag, "", TextDecoding.RAW));
    }

    private Map<String, String> rawTags() {
        return PointFormat.tags(bytes, offset, end, TextDecoding.RAW);
    }

    private Map<String, Object> rawFields() {
        return PointFormat.fields(bytes, offset, end, TextDecoding.RAW);
    }

    @Override
    public int hashCode() {
        return Objects.hash(timeNanos(), text(PointFormat.NAME, "", TextDecoding.RAW), rawTags(), rawFields());
    }

    /** The point in InfluxDB's line protocol, tags and fields in the order of their names: {@code cpu,host=a value=1.0,n=3i 1700000000000000000}. */
    @Override
    public String toString() {
        return LineWriter.line(bytes, offset, end);
    }
}
