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
 * <p>Immutable, and may be kept for any length of time. A point consists of the bytes that Kapacitor sent; each part is
 * decoded when it is read. The {@code with...} methods return changed copies that keep everything else byte for byte,
 * including fields of later protocol versions.
 *
 * <p>Kapacitor sets all parts of a stream point, but only time, group, tags and fields of a batch point. From a point
 * that a function returns, Kapacitor reads everything except the group, which it computes again.
 *
 * <p>Two points are equal if they have the same meaning: the order of tags and fields and unknown protobuf fields are
 * ignored.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link FieldException} when a string that is not valid UTF-8 is read, and from the methods that require a
 * field. Old versions of Kapacitor forward invalid UTF-8; a string that the function does not read is passed through
 * unchanged. {@link IllegalArgumentException} if a given string is not valid Unicode
 * ({@code field name: "a\ud800" (expected: valid Unicode)}), if the name of a tag or field is empty, or if a name or a
 * tag contains a line break, which line protocol cannot represent. {@link Output} rejects points without fields.
 */
public final class Point {
    private static final int BEHIND_TAGS = 7;
    private static final int BEHIND_FIELDS = 12;

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

    /**
     * The result of {@link #fieldsAt} plus one; 0 until it has been computed. Benign race: a thread that sees 0
     * computes the same value itself.
     */
    private int foundFieldsAt;

    /** The flaws of this point; null if there are none. */
    private final @Nullable Flaws flaws;

    private Point(byte[] bytes, int offset, int end, @Nullable Flaws flaws) {
        this.bytes = bytes;
        this.offset = offset;
        this.end = end;
        this.flaws = flaws;
    }

    /** Creates a point without tags and fields. */
    public static Point of(String name, long timeNanos) {
        return new Point(Encoded.NOTHING, 0, 0, Flaws.FIELDLESS)
                .withTimeNanos(timeNanos)
                .withName(name);
    }

    /**
     * Creates a point from its {@linkplain #encoded encoding}, the protobuf message {@code agent.Point}. Everything is
     * checked except strings, which are checked when they are read.
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

    /** The time; see {@link #timeNanos()}. */
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

    /** The id of the point's group: {@code "host=a,region=eu"}; empty if the stream is not grouped. */
    public String group() {
        return text(PointFormat.GROUP, "group", TextDecoding.STRICT);
    }

    private String text(int tag, String what, TextDecoding texts) {
        return PointFormat.text(bytes, single(tag), what, "", texts);
    }

    /**
     * The position of the protobuf field with this protobuf tag; -1 if there is none. Only for protobuf fields up to
     * number {@value #BEHIND_TAGS}, the map of the point's tags.
     */
    private int single(int tag) {
        int fieldsAt = fieldsAt();
        return fieldsAt > offset ? Wire.lastInOrder(bytes, offset, fieldsAt, tag) : Wire.last(bytes, offset, end, tag);
    }

    private int tagsEnd() {
        int fieldsAt = fieldsAt();
        return fieldsAt > offset ? fieldsAt : end;
    }

    /**
     * The position of the first protobuf field after the map of the point's tags, if the protobuf fields are in numeric
     * order; otherwise the start. Computed on first use, because not every handler reads the point.
     */
    private int fieldsAt() {
        int found = foundFieldsAt;
        if (found == 0) {
            found = Wire.split(bytes, offset, end, BEHIND_TAGS + 1) + 1;
            foundFieldsAt = found;
        }
        return found - 1;
    }

    /** The names of the tags by which the stream is grouped. */
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

    /** Whether the stream is also grouped by the measurement. */
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

    /**
     * All fields, in no particular order; the values are {@link Double}, {@link Long}, {@link String} and
     * {@link Boolean}.
     */
    public Map<String, Object> fields() {
        return PointFormat.fields(bytes, offset, end, TextDecoding.STRICT);
    }

    /** The value of a field: a {@link Double}, {@link Long}, {@link String} or {@link Boolean}. */
    public Optional<Object> field(String name) {
        int entry = find(name);
        return entry < 0 ? Optional.empty() : Optional.of(PointFormat.value(bytes, entry, name, TextDecoding.STRICT));
    }

    /**
     * Returns the value of a double field, or of an int field, which is converted to a double.
     *
     * @throws FieldException if there is no such field, or the field has another type:
     *     {@code field "value": a string (expected: a number)}
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
     * Returns the value of an int field.
     *
     * @throws FieldException if there is no such field, or the field has another type
     */
    public long intField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.INT) {
            throw wrongField(name, typeOf(entry), "an int");
        }
        return PointFormat.intValue(bytes, entry);
    }

    /**
     * Returns the value of a string field.
     *
     * @throws FieldException if there is no such field, or the field has another type
     */
    public String stringField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.STRING) {
            throw wrongField(name, typeOf(entry), "a string");
        }
        return PointFormat.stringValue(bytes, entry, "field", name, TextDecoding.STRICT);
    }

    /**
     * Returns the value of a bool field.
     *
     * @throws FieldException if there is no such field, or the field has another type
     */
    public boolean boolField(String name) {
        int entry = find(name);
        if (typeOf(entry) != PointFormat.BOOL) {
            throw wrongField(name, typeOf(entry), "a bool");
        }
        return PointFormat.boolValue(bytes, entry);
    }

    /**
     * Returns the value of a double field, or of an int field, which is converted to a double; empty if the point does
     * not have the field.
     *
     * @throws FieldException if the field has another type: {@code field "value": a string (expected: a number)}
     */
    public OptionalDouble findDouble(String name) {
        return find(name) < 0 ? OptionalDouble.empty() : OptionalDouble.of(doubleField(name));
    }

    /**
     * Returns the value of an int field; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type
     */
    public OptionalLong findInt(String name) {
        return find(name) < 0 ? OptionalLong.empty() : OptionalLong.of(intField(name));
    }

    /**
     * Returns the value of a string field; empty if the point does not have the field.
     *
     * @throws FieldException if the field has another type
     */
    public Optional<String> findString(String name) {
        return find(name) < 0 ? Optional.empty() : Optional.of(stringField(name));
    }

    /**
     * Returns the value of a bool field; empty if the point does not have the field.
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

    /**
     * Returns a copy with the properties that stream points have and batch points do not. The names and tags come from
     * Kapacitor, so they are not checked.
     */
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

    /**
     * Returns a copy with another group id. Kapacitor ignores it, and derives the group from the tags and dimensions.
     */
    public Point withGroup(String group) {
        return withText(PointFormat.GROUP, "group", group);
    }

    private Point withText(int tag, String what, String text) {
        Objects.requireNonNull(text, what);
        return with(Wire.number(tag), text.isEmpty() ? Encoded.NOTHING : Encoded.text(tag, what, text));
    }

    /** Returns a copy that is grouped by these tags, and by the measurement if {@code byName} is set. */
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

    /** Returns a copy with these tags only. */
    public Point withTags(Map<String, String> tags) {
        List<byte[]> encoded = new ArrayList<>();
        tags.forEach((name, value) -> encoded.add(tagEntry(name, value)));
        return with(Wire.number(PointFormat.TAG), Encoded.joined(encoded));
    }

    public Point withTag(String name, String value) {
        return withTag(name, tagEntry(name, value));
    }

    /** Encodes a tag. A tag that the point already has is accepted, even if it would otherwise be rejected. */
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

    /** Returns a copy with these fields only. */
    public Point withFields(Fields fields) {
        return of(
                PointEdit.replace(bytes, offset, fieldsAt(), end, PointFormat.FIELDS, BEHIND_TAGS, fields.bytes()),
                Flaws.withFields(flaws, fields));
    }

    /**
     * Returns a copy with these fields added to the point's own. An existing field with the same name is replaced,
     * whatever its type. Adding several fields at once is faster than {@code withField} for each.
     *
     * <pre>{@code
     * point.withAddedFields(Fields.of("score", 2.5).and("anomaly", 1))
     * }</pre>
     */
    public Point withAddedFields(Fields fields) {
        Point others = this;
        List<String> names = fields.names();
        if (PointFormat.hasAnyField(bytes, fieldsAt(), end, names)) {
            for (String name : names) {
                others = others.withoutField(name);
            }
        }
        return of(
                PointEdit.insert(
                        others.bytes, others.offset, others.fieldsAt(), others.end, BEHIND_FIELDS, fields.bytes()),
                Flaws.withAddedFields(flaws, fields));
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

    private byte[] edited(String name, int after, byte[] entry) {
        return PointEdit.replaceEntry(bytes, offset, fieldsAt(), end, PointFormat.FIELDS, name, after, entry);
    }

    private static Point of(byte[] bytes, @Nullable Flaws flaws) {
        return new Point(bytes, 0, bytes.length, flaws);
    }

    /**
     * Whether consumers accept the changes that a function has made to this point. Data from Kapacitor is not checked.
     * Used by code that sends points.
     */
    public boolean isSound() {
        return flaws == null;
    }

    /**
     * The names of the fields to which a function has assigned a value that is not finite. Used by code that sends
     * points.
     */
    public List<String> nonFiniteFields() {
        return flaws == null ? List.of() : flaws.nonFinite();
    }

    /**
     * Returns the rule that this point violates because a function has removed its name or all its fields. Values are
     * not checked. Used by code that sends points.
     *
     * @param inBatch whether the point belongs to a batch and therefore needs no name
     * @return the rule, such as {@code fields: none (expected: at least one)}; empty if none is violated
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

    /**
     * Returns this point as if a function had created all of it. Used by code that restores stored points, because the
     * encoding does not record which parts came from Kapacitor.
     */
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

    /** The size of the encoding in bytes. */
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

    /**
     * The point in line protocol, with tags and fields ordered by name:
     * {@code cpu,host=a value=1.0,n=3i 1700000000000000000}.
     */
    @Override
    public String toString() {
        return LineWriter.line(bytes, offset, end);
    }
}
