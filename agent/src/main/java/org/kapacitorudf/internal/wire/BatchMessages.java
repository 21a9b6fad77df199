package org.kapacitorudf.internal.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Encodes the protobuf messages {@code agent.BeginBatch} and {@code agent.EndBatch}.
 *
 * <p>Threading: stateless, safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} if a string is not valid Unicode or a size is negative.
 */
public final class BatchMessages {
    private BatchMessages() {}

    /**
     * Encodes {@code agent.BeginBatch}.
     *
     * @param size the exact number of points that follow: Kapacitor allocates memory for them, and crashes if it is
     *     negative
     */
    public static byte[] begin(String name, String group, Map<String, String> tags, int size, boolean byName) {
        if (size < 0) {
            throw new IllegalArgumentException("size: " + size + " (expected: >= 0)");
        }
        List<byte[]> fields = new ArrayList<>();
        addText(fields, 1, "name", name);
        addText(fields, 2, "group", group);
        addTags(fields, 3, tags);
        addNumber(fields, 4, size);
        addNumber(fields, 5, byName ? 1 : 0);
        return Encoded.joined(fields);
    }

    /**
     * Encodes {@code agent.EndBatch}.
     *
     * @param tmaxNanos the batch's time in nanoseconds since the epoch
     * @param tags the tags of the batch, which become the dimensions of the group in Kapacitor
     */
    public static byte[] end(String name, String group, long tmaxNanos, Map<String, String> tags) {
        List<byte[]> fields = new ArrayList<>();
        addText(fields, 1, "name", name);
        addText(fields, 2, "group", group);
        addNumber(fields, 3, tmaxNanos);
        addTags(fields, 4, tags);
        return Encoded.joined(fields);
    }

    private static void addText(List<byte[]> fields, int number, String what, String text) {
        if (!text.isEmpty()) {
            fields.add(Encoded.text(Wire.tag(number, Wire.LENGTH), what, text));
        }
    }

    private static void addNumber(List<byte[]> fields, int number, long value) {
        if (value != 0) {
            fields.add(Encoded.varint(Wire.tag(number, Wire.VARINT), value));
        }
    }

    private static void addTags(List<byte[]> fields, int number, Map<String, String> tags) {
        tags.forEach((name, value) -> fields.add(Encoded.textEntry(Wire.tag(number, Wire.LENGTH), "tag", name, value)));
    }
}
