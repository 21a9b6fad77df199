package org.kapacitorudf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.PointFormat.TextDecoding;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.wire.Encoded;

/**
 * Fields for a point: names with doubles, ints, strings and bools.
 *
 * <pre>{@code
 * point.withFields(Fields.of("mean", 12.5).and("count", 10).and("state", "ok"))
 * }</pre>
 *
 * <p>Immutable: {@code and} returns a copy. If a name is given twice, the later value wins, whatever its type.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} if a text is not valid Unicode ({@code field name: "a\ud800" (expected:
 * valid Unicode)}), or if a name is empty or contains a line break.
 */
public final class Fields {
    /** The encoding of a point with only these fields, in the order in which they were given. */
    private final byte[] bytes;

    /** The names of the fields whose value is not finite. */
    private final List<String> nonFinite;

    private Fields(byte[] bytes, List<String> nonFinite) {
        this.bytes = bytes;
        this.nonFinite = nonFinite;
    }

    /** No fields. */
    public static Fields none() {
        return new Fields(Encoded.NOTHING, List.of());
    }

    public static Fields of(String name, double value) {
        return new Fields(PointFormat.doubleEntry(name, value), Double.isFinite(value) ? List.of() : List.of(name));
    }

    public static Fields of(String name, long value) {
        return new Fields(PointFormat.intEntry(name, value), List.of());
    }

    public static Fields of(String name, String value) {
        return new Fields(PointFormat.stringEntry(name, value), List.of());
    }

    public static Fields of(String name, boolean value) {
        return new Fields(PointFormat.boolEntry(name, value), List.of());
    }

    /**
     * Returns the fields of a map such as {@link Point#fields} returns: {@link Double} or {@link Float}; {@link Long},
     * {@link Integer}, {@link Short} or {@link Byte}; {@link String}; {@link Boolean}.
     *
     * @throws IllegalArgumentException if a value has another class
     */
    public static Fields of(Map<String, ?> values) {
        List<byte[]> entries = new ArrayList<>();
        List<String> nonFinite = new ArrayList<>();
        values.forEach((name, value) -> {
            entries.add(PointFormat.fieldEntry(name, value));
            if (value instanceof Number number && !Double.isFinite(number.doubleValue())) {
                nonFinite.add(name);
            }
        });
        return new Fields(Encoded.joined(entries), List.copyOf(nonFinite));
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
        return new Fields(
                PointEdit.replaceEntry(bytes, 0, 0, bytes.length, PointFormat.FIELDS, name, Integer.MAX_VALUE, entry),
                Flaws.changed(nonFinite, name, finite));
    }

    /**
     * All fields, in the order in which they were given; the values are {@link Double}, {@link Long}, {@link String}
     * and {@link Boolean}.
     */
    public Map<String, Object> asMap() {
        return PointFormat.fields(bytes, 0, bytes.length, TextDecoding.STRICT);
    }

    boolean isEmpty() {
        return bytes.length == 0;
    }

    List<String> nonFinite() {
        return nonFinite;
    }

    byte[] bytes() {
        return bytes;
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
        return LineWriter.fields(bytes);
    }
}
