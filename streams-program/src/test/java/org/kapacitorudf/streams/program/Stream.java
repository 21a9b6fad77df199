package org.kapacitorudf.streams.program;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Sends the values 1, 2, 3 ... to groups, and checks their moving averages: each point of each group occurs exactly
 * once, with the correct average.
 *
 * <p>Threading: one thread feeds, one reads.
 */
final class Stream implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<String, String> consumer;
    private final String in;
    private final int groups;
    private final int size;
    private final long[] given;
    private final long[] got;
    private final long[] givenAtMark;
    private final boolean[] isBehind; // has not gone on since the mark
    private int groupsBehind;
    private boolean mayRepeat;
    private long wentOnNanos;
    private volatile Exception notSent; // null for nothing
    private long total;
    private long read;

    /** @param size the size of the moving average's windows */
    Stream(String brokers, String in, String out, int partitions, int groups, int size) {
        // One request at a time: when the first one meets a partition that has no leader yet, and the second one a
        // leader, the broker takes the second one's number
        // for the first, and refuses the first forever.
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers, "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        brokers,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(out, i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        this.in = in;
        this.groups = groups;
        this.size = size;
        this.given = new long[groups];
        this.got = new long[groups];
        this.givenAtMark = new long[groups];
        this.isBehind = new boolean[groups];
    }

    /** Outputs may occur again, as without exactly once; they are not checked from now on. */
    void allowRepeats() {
        mayRepeat = true;
    }

    /** From now on, {@link #readUntilAllGoOn} waits for output of points that are fed later. */
    void mark() {
        System.arraycopy(given, 0, givenAtMark, 0, groups);
        Arrays.fill(isBehind, true);
        groupsBehind = groups;
    }

    /**
     * Reads until each group has an output of a point that was fed after the mark.
     *
     * @return the problem; empty if there is none
     */
    String readUntilAllGoOn(BooleanSupplier goesOn) {
        while (groupsBehind > 0 && goesOn.getAsBoolean()) {
            String wrong = poll();
            if (!wrong.isEmpty()) {
                return wrong;
            }
        }
        return groupsBehind > 0 ? groupsBehind + " groups do not go on" : "";
    }

    /** When the last group went on, by {@link System#nanoTime}. */
    long wentOnNanos() {
        return wentOnNanos;
    }

    /** Sends this many more points to each group. */
    void feed(int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int group = 0; group < groups; group++) {
                long value = ++given[group];
                String line = "cpu,host=h" + group + " v=" + value + " " + value;
                // A key that keeps the order of a group's points; it is not the group's key.
                producer.send(
                        new ProducerRecord<>(
                                in,
                                ("k" + group).getBytes(StandardCharsets.UTF_8),
                                line.getBytes(StandardCharsets.UTF_8)),
                        (sent, failure) -> notSent = failure == null ? notSent : failure);
                total++;
            }
        }
        producer.flush();
        if (notSent != null) {
            throw new IllegalStateException("feed: " + notSent, notSent);
        }
    }

    long total() {
        return total;
    }

    long read() {
        return read;
    }

    /**
     * Reads until everything has arrived.
     *
     * @param goesOn polled regularly; false gives up
     * @return the problem; empty if there is none
     */
    String readAll(BooleanSupplier goesOn) {
        return readUntil(total, goesOn);
    }

    String readUntil(long count, BooleanSupplier goesOn) {
        while (read < count && goesOn.getAsBoolean()) {
            String wrong = poll();
            if (!wrong.isEmpty()) {
                return wrong;
            }
        }
        return read < count ? read + " outputs of " + count : "";
    }

    /** Reads the available records. */
    String poll() {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
            String wrong = check(record.key(), record.value());
            if (!wrong.isEmpty()) {
                return wrong;
            }
            read++;
        }
        return "";
    }

    private String check(String key, String line) {
        int group = Integer.parseInt(key.substring("host=h".length()));
        long number = mayRepeat ? Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)) : ++got[group];
        if (isBehind[group] && number > givenAtMark[group]) {
            isBehind[group] = false;
            groupsBehind--;
            wentOnNanos = System.nanoTime();
        }
        if (mayRepeat) {
            return "";
        }
        long first = Math.max(1, number - size + 1);
        String expected = "cpu,host=h" + group + " avg=" + (first + number) / 2.0 + " " + number;
        return line.equals(expected) ? "" : line + " (expected: " + expected + ")";
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
