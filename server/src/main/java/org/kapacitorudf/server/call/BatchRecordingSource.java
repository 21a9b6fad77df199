package org.kapacitorudf.server.call;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Point;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the format of {@code kapacitor record batch}: an archive with a file for each query, which contains a JSON
 * object for each batch.
 *
 * <pre>
 *   {"name":"cpu","tmax":"2026-01-01T00:00:10Z","tags":{"host":"a"},
 *    "points":[{"fields":{"usage":1.5},"tags":{"host":"a"},"time":"2026-01-01T00:00:03Z"}]}
 * </pre>
 *
 * <p>Like a Kapacitor replay, it converts all numbers to doubles, and omits batches without points.
 *
 * <p>Threading: one thread reads.
 */
final class BatchRecordingSource implements PointSource {
    private static final int NANOS_A_SECOND = 1_000_000_000;

    private final ZipInputStream archive;
    private @Nullable MappingIterator<JsonNode> batches;
    private String file = "";
    private long number;

    BatchRecordingSource(InputStream in) {
        archive = new ZipInputStream(in);
    }

    @Override
    public boolean read(Sink sink) {
        try {
            while (true) {
                MappingIterator<JsonNode> current = batches == null ? nextFile() : batches;
                if (current == null) {
                    return false;
                }
                batches = current;
                if (!current.hasNextValue()) {
                    batches = null;
                    continue;
                }
                number++;
                JsonNode batch = current.nextValue();
                if (!batch.path("points").isEmpty()) {
                    sink.batch(batch(batch));
                    return true;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JacksonException e) {
            // The position of the next batch is unknown.
            throw new IllegalStateException(file + ", batch " + number + ": " + e.getOriginalMessage());
        } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
            throw new BadInputException(file + ", batch " + number + ": " + e.getMessage(), new byte[0]);
        }
    }

    /** Returns the batches of the next file in the archive; null if there is no further file. */
    private @Nullable MappingIterator<JsonNode> nextFile() throws IOException {
        ZipEntry entry = archive.getNextEntry();
        if (entry == null) {
            if (file.isEmpty()) {
                throw new IOException("no batches (expected: an archive of kapacitor record)");
            }
            return null;
        }
        file = entry.getName();
        number = 0;
        return JsonMapper.shared().readerFor(JsonNode.class).readValues(new Unclosed(archive));
    }

    private static Batch batch(JsonNode batch) {
        String name = batch.path("name").asString("");
        Map<String, String> tags = tags(batch.path("tags"));
        boolean byName = batch.path("byname").asBoolean(false);
        List<String> dimensions = tags.keySet().stream().sorted().toList();
        StringBuilder group = new StringBuilder(byName ? name : "");
        for (String dimension : dimensions) {
            group.append(group.isEmpty() ? "" : group.indexOf("=") < 0 && byName ? "\n" : ",")
                    .append(dimension)
                    .append('=')
                    .append(tags.get(dimension));
        }
        List<Point> points = new ArrayList<>();
        for (JsonNode point : batch.path("points")) {
            Map<String, String> own = tags(point.path("tags"));
            points.add(Point.of(name, nanos(point.path("time")))
                    .withTags(own.isEmpty() ? tags : own)
                    .withFields(Fields.of(fields(point.path("fields"))))
                    .withDimensions(byName, dimensions)
                    .withGroup(group.toString()));
        }
        Batch whole = Batch.ofStream(points);
        long tmax = nanos(batch.path("tmax"));
        return tmax > whole.tmaxNanos() ? whole.withTmaxNanos(tmax) : whole;
    }

    private static Map<String, String> tags(JsonNode tags) {
        Map<String, String> map = new LinkedHashMap<>();
        tags.properties().forEach(tag -> map.put(tag.getKey(), tag.getValue().asString("")));
        return map;
    }

    private static Map<String, Object> fields(JsonNode fields) {
        Map<String, Object> map = new LinkedHashMap<>();
        fields.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isNumber()) {
                map.put(field.getKey(), value.asDouble());
            } else if (value.isBoolean()) {
                map.put(field.getKey(), value.asBoolean());
            } else if (value.isString()) {
                map.put(field.getKey(), value.asString());
            }
        });
        return map;
    }

    /**
     * Returns nanoseconds since the epoch; {@link Long#MIN_VALUE} if the time is missing, or is Go's zero time (in the
     * year 1).
     */
    private static long nanos(JsonNode time) {
        Instant instant = time.isString() ? Instant.parse(time.asString()) : Instant.MIN;
        return instant.getEpochSecond() < -Long.MAX_VALUE / NANOS_A_SECOND
                ? Long.MIN_VALUE
                : Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS_A_SECOND), instant.getNano());
    }

    @Override
    public long line() {
        return 0;
    }

    @Override
    public boolean isReady() {
        return false;
    }

    @Override
    public void close() {
        try {
            archive.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ignores {@link #close}, which the parser calls at the end of each file in the archive. */
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }
}
