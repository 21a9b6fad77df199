package org.kapacitorudf.streams.program;

import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.streams.UdfTopology;

/** The example of docs/streams.md. */
final class TenLines {
    private TenLines() {}

    static KafkaStreams start(Properties properties) {
        StreamsBuilder builder = new StreamsBuilder();
        UdfTopology.of(new MovingAverage())
                .option("field", "usage_idle")
                .option("size", 10)
                .groupBy("host")
                .input("metrics")
                .output("averages")
                .addTo(builder);
        KafkaStreams streams = new KafkaStreams(builder.build(), properties);
        streams.start();
        return streams;
    }
}
