package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters: what was dropped, with headers for the reason and the origin. They are truncated to what Kafka accepts,
 * because a record that it refuses would stop every worker.
 */
final class DeadLetters {
    static final String REASON = "kapacitor-udf.reason";
    static final String FUNCTION = "kapacitor-udf.function";
    static final String TOPIC = "kapacitor-udf.topic";
    static final String PARTITION = "kapacitor-udf.partition";
    static final String OFFSET = "kapacitor-udf.offset";

    private static final int MAX_REASON_BYTES = 8 * 1024;

    private DeadLetters() {}

    /** @param from the current record; empty for a call without a record */
    static Record<byte[], byte[]> letter(
            Settings settings,
            byte @Nullable [] key,
            byte[] text,
            String reason,
            long millis,
            Optional<RecordMetadata> from) {
        int maxBytes = settings.maxRecordBytes() - MAX_REASON_BYTES;
        byte[] shortKey = key == null ? null : truncated(key, maxBytes);
        byte[] shortText = truncated(text, maxBytes - (shortKey == null ? 0 : shortKey.length));
        return new Record<>(shortKey, shortText, millis, headers(settings.name(), reason, from));
    }

    /** The beginning of a text in UTF-8, without a part of a character at its end. */
    private static byte[] truncated(byte[] text, int maxBytes) {
        if (text.length <= maxBytes) {
            return text;
        }
        int end = maxBytes;
        while (end > 0 && (text[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(text, end);
    }

    private static Headers headers(String function, String reason, Optional<RecordMetadata> from) {
        Headers headers = new RecordHeaders();
        headers.add(REASON, truncated(reason.getBytes(StandardCharsets.UTF_8), MAX_REASON_BYTES));
        add(headers, FUNCTION, function);
        from.ifPresent(metadata -> {
            add(headers, TOPIC, metadata.topic());
            add(headers, PARTITION, Integer.toString(metadata.partition()));
            add(headers, OFFSET, Long.toString(metadata.offset()));
        });
        return headers;
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
