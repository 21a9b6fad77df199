package org.kapacitorudf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.PointFormat.TextDecoding;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.Encoded;

/**
 * Fields for a point, each with a name and a value: a double, an int, a string or a bool.
 *
 * <pre>{@code
 * point.withFields(Fields.of("mean", 12.5).and("count", 10).and("state", "ok"))
 * }</pre>
 *
 * <p>Immutable: {@code and} returns a copy. If a name is given twice, the later value wins, whatever its type.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} if a string is not valid Unicode
 * ({@code field name: "a\ud800" (expected: valid Unicode)}), or if a name is empty or contains a line break.
 */
public final class Fields {
    private static final Fields NONE = new Fields(null, "", Encoded.NOTHING, List.of());

    /** All fields except the last one; null if this object has no fields. */
    private final @Nullable Fields before;

    private final String name;
    private final byte[] entry;

    /** The names of the fields with a value that is not finite. */
    private final List<String> nonFinite;

    private Fields(@Nullable Fields before, String name, byte[] entry, List<String> nonFinite) {
        this.before = before;
        this.name = name;
        this.entry = entry;
        this.nonFinite = nonFinite;
    }

    /** Returns an object without fields. */
    public static Fields none() {
        return NONE;
    }

    public static Fields of(String name, double value) {
        return NONE.and(name, value);
    }

    public static Fields of(String name, long value) {
        return NONE.and(name, value);
    }

    public static Fields of(String name, String value) {
        return NONE.and(name, value);
    }

    public static Fields of(String name, boolean value) {
        return NONE.and(name, value);
    }

    /**
     * Returns the fields in a map, such as that of {@link Point#fields}. A value is a {@link Double} or {@link Float};
     * a {@link Long}, {@link Integer}, {@link Short} or {@link Byte}; a {@link String}; or a {@link Boolean}.
     *
     * @throws IllegalArgumentException if a value is of any other class
     */
    public static Fields of(Map<String, ?> values) {
        Fields fields = NONE;
        for (Map.Entry<String, ?> field : values.entrySet()) {
            Object value = field.getValue();
            boolean finite = !(value instanceof Number number) || Double.isFinite(number.doubleValue());
            fields = fields.with(field.getKey(), PointFormat.fieldEntry(field.getKey(), value), finite);
        }
        return fields;
    }

    public Fields and(String name, double value) {
        return with(name, PointFormat.doubleEntry(name, value), Double.isFinite(value));
    }

    public Fields and(String name, long value) {
        return with(name, PointFormat.intEntry(name, value), true);
    }

    public Fields and(String name, String value) {
        return with(name, PointFormat.stringEntry(name, value), true);
    }

    public Fields and(String name, boolean value) {
        return with(name, PointFormat.boolEntry(name, value), true);
    }

    private Fields with(String name, byte[] entry, boolean finite) {
        return new Fields(this, name, entry, Flaws.changed(nonFinite, name, finite));
    }

    /**
     * All fields, in the order in which they were given; the values are {@link Double}, {@link Long}, {@link String}
     * and {@link Boolean}.
     */
    public Map<String, Object> asMap() {
        byte[] bytes = bytes();
        return PointFormat.fields(bytes, 0, bytes.length, TextDecoding.STRICT);
    }

    boolean isEmpty() {
        return before == null;
    }

    List<String> nonFinite() {
        return nonFinite;
    }

    /** The names of the fields, in reverse order. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (Fields last = this; last.before != null; last = last.before) {
            if (!names.contains(last.name)) {
                names.add(last.name);
            }
        }
        return names;
    }

    /** The encoding of a point with only these fields, in the order in which they were given. */
    byte[] bytes() {
        List<String> names = new ArrayList<>();
        List<byte[]> entries = new ArrayList<>();
        for (Fields last = this; last.before != null; last = last.before) {
            if (!names.contains(last.name)) {
                names.add(last.name);
                entries.add(last.entry);
            }
        }
        Collections.reverse(entries);
        return Encoded.joined(entries);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fields that && asMap().equals(that.asMap());
    }

    @Override
    public int hashCode() {
        return asMap().hashCode();
    }

    /** The fields in line protocol, ordered by name: {@code mean=12.5,count=10i}. */
    @Override
    public String toString() {
        return LineWriter.fields(bytes());
    }
}
