package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The headers of a dead letter: its reason and its origin. */
final class DeadLetters {
    static final String REASON = "kapacitor-udf.reason";
    static final String FUNCTION = "kapacitor-udf.function";
    static final String TOPIC = "kapacitor-udf.topic";
    static final String PARTITION = "kapacitor-udf.partition";
    static final String OFFSET = "kapacitor-udf.offset";

    private DeadLetters() {}

    /** @param from the current record; empty for a call without a record */
    static Headers headers(String function, String reason, Optional<RecordMetadata> from) {
        Headers headers = new RecordHeaders();
        add(headers, REASON, reason);
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
