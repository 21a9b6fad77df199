package org.kapacitorudf.internal.line;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.kapacitorudf.internal.wire.Encoded;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Writes points in InfluxDB's line protocol.
 *
 * <pre>
 *   08 14 | 12 .. cpu | 3A .. host a | 42 .. value 1.5   ->   cpu,host=a value=1.5 20
 * </pre>
 *
 * <p>{@link LineReader} can read the output. The output is identical for equal points: tags and fields are sorted by
 * name, and each line has a time. This does not hold for points that contain something that line protocol cannot
 * represent: a name, key or tag that is empty, ends in a backslash or holds a line break (written as {@code \n}), a
 * name that begins with {@code #} or a byte order mark, a name or a field's key that begins with a tab, and a point
 * without fields.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: the points must be encodings that {@link org.kapacitorudf.internal.wire.Structure} has accepted.
 */
public final class LineWriter {
    static final int DOUBLE = Wire.tag(8, Wire.LENGTH);
    static final int INT = Wire.tag(9, Wire.LENGTH);
    static final int STRING = Wire.tag(10, Wire.LENGTH);
    static final int BOOL = Wire.tag(12, Wire.LENGTH);

    private static final int TIME = Wire.tag(1, Wire.VARINT);
    private static final int NAME = Wire.tag(2, Wire.LENGTH);
    private static final int TAG = Wire.tag(7, Wire.LENGTH);
    private static final int TEXT_VALUE = Wire.tag(2, Wire.LENGTH);
    private static final int DOUBLE_VALUE = Wire.tag(2, Wire.FIXED64);
    private static final int VARINT_VALUE = Wire.tag(2, Wire.VARINT);

    private static final int MOST_SORTED_BY_INSERTION = 32;
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};

    private final Bytes out = new Bytes(8 * 1024);

    // The parts of the current point.
    private final Entries tags = new Entries();
    private final Entries fields = new Entries();
    private int name;
    private int time;

    /** Writes a point, without a line break. */
    public LineWriter point(byte[] point, int from, int to) {
        find(point, from, to);
        if (name >= 0) {
            word(point, Wire.bodyStart(point, name), Wire.fieldEnd(point, name), false, false);
        }
        return rest(point);
    }

    /** Writes a point of a batch, with the name of the batch. */
    public LineWriter point(String batchName, byte[] point, int from, int to) {
        find(point, from, to);
        byte[] utf8 = batchName.getBytes(StandardCharsets.UTF_8);
        word(utf8, 0, utf8.length, false, false);
        return rest(point);
    }

    /** Finds the parts of a point. If a part that may occur only once is repeated, the last one is used. */
    private void find(byte[] point, int from, int to) {
        tags.count = 0;
        fields.count = 0;
        name = -1;
        time = -1;
        for (int field = from; field < to; field = Wire.fieldEnd(point, field)) {
            int tag = Wire.tagAt(point, field);
            if (tag == TAG) {
                tags.add(point, field);
            } else if (tag == DOUBLE || tag == INT || tag == STRING || tag == BOOL) {
                fields.add(point, field);
            } else if (tag == NAME) {
                name = field;
            } else if (tag == TIME) {
                time = field;
            }
        }
        tags.sortIfMany(point);
        fields.sortIfMany(point);
    }

    private LineWriter rest(byte[] point) {
        writeTags(point);
        out.add(' ');
        writeFields(point);
        out.add(' ');
        DecimalNumber.write(time < 0 ? 0 : Wire.varintAt(point, Wire.valueStart(point, time)), out);
        return this;
    }

    private void writeTags(byte[] point) {
        for (int i = 0; i < tags.count; i++) {
            if (i + 1 < tags.count && tags.compareKeys(point, i, i + 1) == 0) {
                continue; // if a key occurs twice, the last entry is used
            }
            out.add(',');
            word(point, tags.keys[i], tags.keyEnds[i], true, false);
            out.add('=');
            int value = part(point, tags.at[i], TEXT_VALUE);
            if (value >= 0) {
                word(point, Wire.bodyStart(point, value), Wire.fieldEnd(point, value), true, false);
            }
        }
    }

    private void writeFields(byte[] point) {
        boolean first = true;
        for (int i = 0; i < fields.count; i++) {
            int type = Wire.tagAt(point, fields.at[i]);
            if (i + 1 < fields.count
                    && fields.compareKeys(point, i, i + 1) == 0
                    && Wire.tagAt(point, fields.at[i + 1]) == type) {
                continue;
            }
            if (!first) {
                out.add(',');
            }
            first = false;
            word(point, fields.keys[i], fields.keyEnds[i], true, true);
            out.add('=');
            value(point, fields.at[i], type);
        }
    }

    private void value(byte[] point, int entry, int type) {
        if (type == STRING) {
            int value = part(point, entry, TEXT_VALUE);
            out.add('"');
            if (value >= 0) {
                string(point, Wire.bodyStart(point, value), Wire.fieldEnd(point, value));
            }
            out.add('"');
        } else if (type == DOUBLE) {
            int value = part(point, entry, DOUBLE_VALUE);
            DecimalNumber.write(value < 0 ? 0 : Wire.doubleAt(point, Wire.valueStart(point, value)), out);
        } else {
            int value = part(point, entry, VARINT_VALUE);
            long number = value < 0 ? 0 : Wire.varintAt(point, Wire.valueStart(point, value));
            if (type == INT) {
                DecimalNumber.write(number, out);
                out.add('i');
            } else {
                byte[] bool = number == 0 ? FALSE : TRUE;
                out.add(bool, 0, bool.length);
            }
        }
    }

    private static int part(byte[] point, int entry, int tag) {
        return Wire.last(point, Wire.bodyStart(point, entry), Wire.fieldEnd(point, entry), tag);
    }

    /** Map entries of a point, sorted by key. */
    private static final class Entries {
        private int[] at = new int[16]; // the positions of the entries
        private int[] keys = new int[16]; // the positions of the keys
        private int[] keyEnds = new int[16];
        private int count;

        private void add(byte[] point, int entry) {
            if (count == at.length) {
                at = Arrays.copyOf(at, 2 * count);
                keys = Arrays.copyOf(keys, 2 * count);
                keyEnds = Arrays.copyOf(keyEnds, 2 * count);
            }
            int key = part(point, entry, Wire.MAP_KEY);
            at[count] = entry;
            keys[count] = key < 0 ? entry : Wire.bodyStart(point, key);
            keyEnds[count] = key < 0 ? entry : Wire.fieldEnd(point, key);
            for (int i = count++; i > 0 && count <= MOST_SORTED_BY_INSERTION && isAfter(point, i - 1, i); i--) {
                swap(at, i);
                swap(keys, i);
                swap(keyEnds, i);
            }
        }

        private static void swap(int[] array, int i) {
            int moved = array[i];
            array[i] = array[i - 1];
            array[i - 1] = moved;
        }

        private void sortIfMany(byte[] point) {
            if (count <= MOST_SORTED_BY_INSERTION) {
                return;
            }
            Integer[] order = new Integer[count];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, (one, other) -> isAfter(point, one, other) ? 1 : isAfter(point, other, one) ? -1 : 0);
            at = sorted(at, order);
            keys = sorted(keys, order);
            keyEnds = sorted(keyEnds, order);
        }

        private static int[] sorted(int[] array, Integer[] order) {
            int[] sorted = new int[array.length];
            for (int i = 0; i < order.length; i++) {
                sorted[i] = array[order[i]];
            }
            return sorted;
        }

        /**
         * Whether an entry belongs after another one. Entries are sorted by key, then by type: for the same key, a
         * string comes before a bool.
         */
        private boolean isAfter(byte[] point, int one, int other) {
            int order = compareKeys(point, one, other);
            return order != 0 ? order > 0 : Wire.tagAt(point, at[one]) > Wire.tagAt(point, at[other]);
        }

        private int compareKeys(byte[] point, int one, int other) {
            return Arrays.compareUnsigned(point, keys[one], keyEnds[one], point, keys[other], keyEnds[other]);
        }
    }

    private void word(byte[] source, int from, int to, boolean escapesEquals, boolean escapesQuote) {
        byte[] target = out.room(2 * (to - from));
        int at = out.size;
        for (int i = from; i < to; i++) {
            byte next = source[i];
            if (next == '\n') {
                // A line break would end the line, so it is escaped.
                target[at++] = '\\';
                next = 'n';
            } else if (next == ',' || next == ' ' || next == '=' && escapesEquals || next == '"' && escapesQuote) {
                target[at++] = '\\';
            }
            target[at++] = next;
        }
        out.size = at;
    }

    private void string(byte[] source, int from, int to) {
        byte[] target = out.room(2 * (to - from));
        int at = out.size;
        for (int i = from; i < to; i++) {
            if (source[i] == '"' || source[i] == '\\') {
                target[at++] = '\\';
            }
            target[at++] = source[i];
        }
        out.size = at;
    }

    /** Writes text unchanged. */
    public LineWriter text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.add(utf8, 0, utf8.length);
        return this;
    }

    /** Writes bytes unchanged. */
    public LineWriter bytes(byte[] bytes) {
        out.add(bytes, 0, bytes.length);
        return this;
    }

    /** Ends the line. */
    public LineWriter lineBreak() {
        out.add('\n');
        return this;
    }

    /** The number of bytes that have been written and not yet drained. */
    public int size() {
        return out.size;
    }

    /** Moves the output to a stream. */
    public void drainTo(OutputStream stream) throws IOException {
        stream.write(out.array, 0, out.size);
        out.size = 0;
    }

    /** Returns the output, and clears it. */
    public byte[] take() {
        byte[] taken = Arrays.copyOf(out.array, out.size);
        out.size = 0;
        return taken;
    }

    /** Returns the output as text, in which invalid UTF-8 is replaced. */
    @Override
    public String toString() {
        return new String(out.array, 0, out.size, StandardCharsets.UTF_8);
    }

    // For logs and tests

    /** Returns a point as one line. */
    public static String line(byte[] point, int from, int to) {
        return new LineWriter().point(point, from, to).toString();
    }

    /** Returns the fields of a point as text. */
    public static String fields(byte[] point) {
        LineWriter writer = new LineWriter();
        writer.find(point, 0, point.length);
        writer.writeFields(point);
        return writer.toString();
    }

    /** Returns a name with its tags, as at the beginning of a line: {@code cpu,host=a}. */
    public static String series(String name, Map<String, String> tags) {
        byte[] point = Encoded.joined(tags.entrySet().stream()
                .map(tag -> Encoded.textEntry(TAG, "tag", tag.getKey(), tag.getValue()))
                .toList());
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        LineWriter writer = new LineWriter();
        writer.word(utf8, 0, utf8.length, false, false);
        writer.find(point, 0, point.length);
        writer.writeTags(point);
        return writer.toString();
    }

    /** Returns a field value in line protocol. The value is a Double, Long, String or Boolean. */
    public static String value(Object value) {
        LineWriter writer = new LineWriter();
        if (value instanceof Double number) {
            DecimalNumber.write(number, writer.out);
        } else if (value instanceof String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            writer.out.add('"');
            writer.string(utf8, 0, utf8.length);
            writer.out.add('"');
        } else {
            writer.text(value + (value instanceof Long ? "i" : ""));
        }
        return writer.toString();
    }
}
