package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.kapacitorudf.Udf;

/**
 * A function in a topology without a broker: from the topic "in" to "out", and to "dead". Its time is virtual and
 * begins at {@link #START}.
 */
final class TestTopology implements AutoCloseable {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final TopologyTestDriver driver;
    final TestInputTopic<String, String> in;
    private final TestOutputTopic<String, String> out;
    private final TestOutputTopic<String, String> dead;
    private TestOutputTopic<byte[], byte[]> changelog; // null until it is used

    private TestTopology(StreamsBuilder builder) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        driver = new TopologyTestDriver(builder.build(), properties, START);
        in = driver.createInputTopic("in", new StringSerializer(), new StringSerializer(), START, Duration.ZERO);
        out = driver.createOutputTopic("out", new StringDeserializer(), new StringDeserializer());
        dead = driver.createOutputTopic("dead", new StringDeserializer(), new StringDeserializer());
    }

    static TestTopology of(Udf udf, UnaryOperator<UdfTopology> settings) {
        return of(settings.apply(UdfTopology.of(udf)));
    }

    static TestTopology of(UdfTopology udf) {
        StreamsBuilder builder = new StreamsBuilder();
        udf.input("in").output("out").deadLetters("dead").addTo(builder);
        return new TestTopology(builder);
    }

    static TestTopology of(Udf udf) {
        return of(udf, UnaryOperator.identity());
    }

    /** Sends records of one line each. */
    TestTopology pipe(String... lines) {
        List.of(lines).forEach(in::pipeInput);
        return this;
    }

    /** The output since the last call. */
    List<String> out() {
        return out.readValuesToList();
    }

    List<TestRecord<String, String>> records() {
        return out.readRecordsToList();
    }

    List<TestRecord<String, String>> dead() {
        return dead.readRecordsToList();
    }

    /** The dead letters with their reasons. */
    List<String> letters() {
        return dead().stream()
                .map(letter -> letter.value() + " | " + header(letter, DeadLetters.REASON))
                .toList();
    }

    /** The groups whose values were sent to the changelog of the state since the last call. */
    List<String> changelog() {
        if (!driver.producedTopicNames().contains("app-f-state-changelog")) {
            return List.of();
        }
        if (changelog == null) {
            changelog = driver.createOutputTopic(
                    "app-f-state-changelog", new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }
        return changelog.readRecordsToList().stream()
                .map(record -> new String(record.key(), 1 + record.key()[0], record.key().length - 1 - record.key()[0]))
                .toList();
    }

    /** The number of values in the store of the state. */
    long stored() {
        return ((WriteBehindStore) driver.getStateStore("f-state")).values().approximateNumEntries();
    }

    static String header(TestRecord<String, String> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        driver.close();
    }
}
