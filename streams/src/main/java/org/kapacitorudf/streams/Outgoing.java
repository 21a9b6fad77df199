package org.kapacitorudf.streams;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The value of a record for a topic.
 *
 * @param bytes line protocol
 */
record Outgoing(String topic, byte[] bytes) {
    /** Used for writing only. */
    static final Serde<Outgoing> SERDE =
            Serdes.serdeFrom((topic, outgoing) -> outgoing.bytes, (topic, bytes) -> new Outgoing(topic, bytes));
}
