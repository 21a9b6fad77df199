package org.kapacitorudf.streams.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.line.GivenOption;

/** The program with a broker: workers are killed, partitions move, state is restored. */
@Tag("slow")
@Timeout(1_800)
final class BrokerTest {
    private static final int PARTITIONS = 4;
    private static final int GROUPS = 40;
    private static final int SIZE = 10;
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(3);
    private static final boolean FULL = Boolean.getBoolean("udf.full");

    @TempDir
    static Path directory;

    private static Broker broker;
    private final List<WorkerProcess> workers = new ArrayList<>();

    @BeforeAll
    static void startBroker() throws Exception {
        Broker.quiet();
        // What a killed worker has begun is given up soon.
        broker = Broker.start(
                directory.resolve("broker"),
                Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"));
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @AfterEach
    void killWorkers() throws Exception {
        for (WorkerProcess worker : workers) {
            worker.close();
        }
    }

    private WorkerProcess worker(String in, String out, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "movingAvg",
                "--brokers",
                broker.address(),
                "--in",
                in,
                "--out",
                out,
                "--application",
                "app-" + in,
                "--group-by",
                "host",
                "--option",
                "field=v",
                "--option",
                "size=" + SIZE,
                "--session-timeout",
                SESSION_TIMEOUT.toSeconds() + "s",
                "--kafka",
                "commit.interval.ms=200",
                "--kafka",
                "producer.transaction.timeout.ms=" + SESSION_TIMEOUT.toMillis()));
        arguments.addAll(List.of(more));
        return start(Map.of(), arguments);
    }

    private WorkerProcess start(Map<String, String> environment, List<String> arguments) throws Exception {
        WorkerProcess worker = WorkerProcess.start(
                directory.resolve("worker-" + System.nanoTime() + ".log"),
                environment,
                arguments.toArray(String[]::new));
        workers.add(worker);
        return worker;
    }

    private BooleanSupplier within(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        return () -> System.nanoTime() - end < 0;
    }

    private String logs() {
        StringBuilder logs = new StringBuilder();
        workers.forEach(worker -> logs.append(worker.output()).append("----\n"));
        return logs.toString();
    }

    /** Two workers run at all times; one of them is repeatedly killed and replaced. */
    @Test
    void killedWorkersAndRebalancesLoseNothingAndDoubleNothingExactlyOnce() throws Exception {
        int rounds = FULL ? 10 : 1;
        broker.create(PARTITIONS, "eos-in", "eos-out");
        Random random = new Random(1);
        try (Stream stream = new Stream(broker.address(), "eos-in", "eos-out", PARTITIONS, GROUPS, SIZE)) {
            long startedNanos = System.nanoTime();
            List<WorkerProcess> live = new ArrayList<>(List.of(
                    worker("eos-in", "eos-out", "--exactly-once"), worker("eos-in", "eos-out", "--exactly-once")));
            stream.feed(50);
            assertThat(stream.readUntil(1, within(Duration.ofMinutes(5))))
                    .as(logs())
                    .isEmpty();
            Duration start = Duration.ofNanos(System.nanoTime() - startedNanos);
            List<Long> takeOverMillis = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                stream.feed(50 + random.nextInt(50));
                long target = stream.read() + random.nextInt(GROUPS * 50);
                assertThat(stream.readUntil(Math.min(target, stream.total()), within(Duration.ofMinutes(5))))
                        .as(logs())
                        .isEmpty();
                int victim = random.nextInt(live.size());
                live.remove(victim).kill();
                long killedNanos = System.nanoTime();
                stream.mark();
                live.add(worker("eos-in", "eos-out", "--exactly-once"));
                stream.feed(50);
                assertThat(stream.readUntilAllGoOn(within(Duration.ofMinutes(5))))
                        .as(logs())
                        .isEmpty();
                Duration takeOver = Duration.ofNanos(stream.wentOnNanos() - killedNanos);
                takeOverMillis.add(takeOver.toMillis());
                if (FULL) {
                    // What else the machine does delays a start too.
                    assertThat(takeOver)
                            .isLessThan(SESSION_TIMEOUT.plusSeconds(5).plus(start.multipliedBy(5)));
                }
            }
            System.out.println("all groups go on after the kill of a worker: " + takeOverMillis
                    + " ms (session timeout " + SESSION_TIMEOUT.toMillis() + " ms)");
            assertThat(stream.readAll(within(Duration.ofMinutes(10))))
                    .as(logs())
                    .isEmpty();
            assertThat(live).as(logs()).allMatch(WorkerProcess::isAlive);
            for (WorkerProcess each : live) {
                each.awaitStarted();
                assertThat(each.terminate()).as(each.output()).isZero();
            }
            assertThat(stream.poll()).as("nothing twice").isEmpty();
            assertThat(stream.read()).isEqualTo(stream.total());
        }
    }

    @Test
    void stateComesFromTheChangelogAlone() throws Exception {
        broker.create(PARTITIONS, "restore-in", "restore-out");
        try (Stream stream = new Stream(broker.address(), "restore-in", "restore-out", PARTITIONS, GROUPS, SIZE)) {
            stream.feed(SIZE);
            // A starved worker keeps its partitions, because it would repeat output if it lost them.
            String patient = "session.timeout.ms=" + Duration.ofMinutes(5).toMillis();
            // Its only commit is the one at its end.
            WorkerProcess first =
                    worker("restore-in", "restore-out", "--kafka", patient, "--kafka", "commit.interval.ms=3600000");
            assertThat(stream.readAll(within(Duration.ofMinutes(5)))).as(logs()).isEmpty();
            assertThat(first.terminate()).as(first.output()).isZero();
            stream.feed(SIZE);
            WorkerProcess second = worker(
                    "restore-in", "restore-out", "--kafka", patient, "--metrics", "0", "--metrics-timeout", "5m");
            assertThat(stream.readAll(within(Duration.ofMinutes(5)))).as(logs()).isEmpty();
            assertThat(second.output()).contains("restored ");
            checkStatus(second);
            assertThat(second.terminate()).as(second.output()).isZero();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void aStandbyTakesOverWithoutReadingTheChangelogFromItsBeginning() throws Exception {
        int rounds = 20;
        broker.create(PARTITIONS, "standby-in", "standby-out");
        try (Stream stream = new Stream(broker.address(), "standby-in", "standby-out", PARTITIONS, GROUPS, SIZE)) {
            String[] options = {"--standby", "1", "--exactly-once", "--log-level", "debug"};
            WorkerProcess first = worker("standby-in", "standby-out", options);
            stream.feed(1);
            assertThat(stream.readAll(within(Duration.ofMinutes(5)))).as(logs()).isEmpty();
            WorkerProcess second = worker("standby-in", "standby-out", options);
            // Each round is a commit, and a record of each group in the changelog.
            for (int round = 0; round < rounds; round++) {
                stream.feed(1);
                assertThat(stream.readAll(within(Duration.ofMinutes(5))))
                        .as(logs())
                        .isEmpty();
            }
            BooleanSupplier goesOn = within(Duration.ofMinutes(5));
            while (copied(second).size() < PARTITIONS / 2
                    || copied(second).values().stream().anyMatch(records -> records < rounds)) {
                assertThat(goesOn.getAsBoolean()).as(logs()).isTrue();
                stream.feed(1);
                assertThat(stream.readAll(within(Duration.ofMinutes(5))))
                        .as(logs())
                        .isEmpty();
            }
            int copied = Collections.min(copied(second).values());
            first.kill();
            stream.feed(1);
            assertThat(stream.readAll(within(Duration.ofMinutes(5)))).as(logs()).isEmpty();
            String after = second.output().substring(second.output().lastIndexOf("takes over"));
            assertThat(second.output()).contains(": takes over app-standby-in-movingAvg-state-changelog-");
            List<Integer> restored = Pattern.compile("restored (\\d+) records")
                    .matcher(after)
                    .results()
                    .map(match -> Integer.valueOf(match.group(1)))
                    .toList();
            assertThat(restored).as(logs()).isNotEmpty().allMatch(records -> records < copied);
        }
    }

    /** How far a worker's copies are, by changelog, as far as they have been complete once. */
    private static Map<String, Integer> copied(WorkerProcess worker) {
        Map<String, Integer> copied = new HashMap<>();
        Pattern.compile("copied (\\S+) up to offset (\\d+) of (\\d+)")
                .matcher(worker.output())
                .results()
                .filter(match -> match.group(2).equals(match.group(3)))
                .forEach(match -> copied.put(match.group(1), Integer.valueOf(match.group(2))));
        return copied;
    }

    private static void checkStatus(WorkerProcess worker) throws Exception {
        Matcher address = Pattern.compile("metrics at (http://\\S+)").matcher(worker.output());
        assertThat(address.find()).isTrue();
        String metrics = get(address.group(1) + "/metrics");
        assertThat(metrics.lines().filter(line -> line.startsWith("kapacitor_udf_streams_received_points_total{")))
                .hasSize(PARTITIONS);
        assertThat(metrics)
                .contains(
                        "kapacitor_udf_streams_restored_values_total{",
                        "kapacitor_udf_streams_groups{",
                        "kapacitor_udf_streams_state_bytes{",
                        "kapacitor_udf_streams_lag_records{",
                        "kapacitor_udf_streams_build_info{",
                        "kafka_consumer_fetch_manager_records_lag",
                        "jvm_memory_used_bytes");
        assertThat(get(address.group(1) + "/readyz")).isEqualTo("ok\n");
        assertThat(get(address.group(1) + "/healthz")).isEqualTo("ok\n");
        assertThat(get(address.group(1) + "/")).contains("movingAvg on Kafka Streams: RUNNING");
        assertThat(getAs("another.site", URI.create(address.group(1))))
                .as("as with serve, because a web page could have that name")
                .startsWith("HTTP/1.1 421 ")
                .endsWith("host: a name (expected: localhost, or an address)\n");
    }

    private static String getAs(String host, URI address) throws Exception {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String get(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString())
                .body();
    }

    /** Of version 1, of both, of version 2. */
    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void aNewVersionOfAFunctionTakesOverWithAMigration() throws Exception {
        broker.create(2, "upgrade-in", "upgrade-out");
        List<String> arguments = List.of(
                "versionedSum",
                "--brokers",
                broker.address(),
                "--in",
                "upgrade-in",
                "--out",
                "upgrade-out",
                "--group-by",
                "host",
                "--session-timeout",
                "3s",
                "--kafka",
                "commit.interval.ms=200");
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, String> consumer = consumer("upgrade-out", 2)) {
            WorkerProcess first = start(Map.of(VersionedSum.VARIABLE, "1"), arguments);
            feedSums(producer, 1);
            assertThat(read(consumer, GROUPS)).allMatch(line -> line.endsWith(" v=1i 1"));
            WorkerProcess second = start(Map.of(VersionedSum.VARIABLE, "2"), arguments);
            second.awaitStarted();
            assertThat(first.terminate()).as(first.output()).isZero();
            feedSums(producer, 2);
            assertThat(read(consumer, GROUPS)).as(logs()).allMatch(line -> line.endsWith(" count=1001i,v=3i 2"));
            assertThat(second.terminate()).as(second.output()).isZero();
            WorkerProcess old = start(Map.of(VersionedSum.VARIABLE, "1"), arguments);
            assertThat(old.await()).isEqualTo(10);
            assertThat(old.output()).contains("of version 2 of UDF \"versionedSum\" (expected: 1)");
        }
    }

    private static void feedSums(KafkaProducer<String, String> producer, int value) {
        for (int i = 0; i < GROUPS; i++) {
            producer.send(new ProducerRecord<>("upgrade-in", "k" + i, "cpu,host=h" + i + " v=" + value + "i " + value));
        }
        producer.flush();
    }

    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void eachPartitionBeginsWithItsGroupsOfASnapshotOfKapacitor() throws Exception {
        broker.create(PARTITIONS, "seed-in", "seed-out");
        Path seed = Files.write(directory.resolve("seed"), snapshot());
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, String> consumer = consumer("seed-out", PARTITIONS)) {
            for (int i = 0; i < GROUPS; i++) {
                producer.send(new ProducerRecord<>("seed-in", "cpu,host=h" + i + " v=3 2"));
            }
            producer.flush();
            WorkerProcess worker = worker("seed-in", "seed-out", "--seed", seed.toString());
            assertThat(read(consumer, GROUPS)).as(logs()).allMatch(line -> line.endsWith(" avg=2.0 2"));
            assertThat(worker.terminate()).isZero();
        }
    }

    /** Of a moving average that has seen the value 1 of each group. */
    private static byte[] snapshot() {
        HandlerHost host = HandlerHost.of(UdfFunction.of(new MovingAverage()), Instant::now, new Output() {
                    @Override
                    public void point(Point point) {}

                    @Override
                    public void batch(Batch batch) {}

                    @Override
                    public boolean isWritable() {
                        return true;
                    }
                })
                .options(List.of(GivenOption.of("field", "v"), GivenOption.of("size", SIZE)))
                .build();
        try (host) {
            assertThat(host.start()).isEmpty();
            for (int i = 0; i < GROUPS; i++) {
                host.point(Point.of("cpu", 1).withGroup("host=h" + i).withField("v", 1.0));
            }
            return host.snapshot();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void badRecordsGoToTheDeadLettersAndTheWorkerGoesOn() throws Exception {
        broker.create(1, "poison-in", "poison-out", "poison-dead");
        try (Stream stream = new Stream(broker.address(), "poison-in", "poison-out", 1, 1, SIZE);
                KafkaProducer<String, String> producer = producer()) {
            stream.feed(5);
            for (String line : List.of("nonsense", "cpu,host=h0 other=1 9", "{\"json\": 1}")) {
                producer.send(new ProducerRecord<>("poison-in", line));
            }
            producer.flush();
            stream.feed(5);
            WorkerProcess worker = worker("poison-in", "poison-out", "--dead-letters", "poison-dead");
            assertThat(stream.readAll(within(Duration.ofMinutes(5)))).as(logs()).isEmpty();
            assertThat(values("poison-dead", 3))
                    .containsExactly("nonsense", "{\"json\": 1}", "cpu,host=h0 other=1.0 9");
            assertThat(worker.terminate()).isZero();
        }
    }

    private static List<String> values(String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(topic, 1)) {
            return read(consumer, count);
        }
    }

    private static KafkaConsumer<String, String> consumer(String topic, int partitions) {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(topic, i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                values.add(record.value());
            }
        }
        return values;
    }

    @Test
    void theExampleRunsInAnApplicationOfOnesOwn() throws Exception {
        broker.create(1, "metrics", "averages");
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "own", "bootstrap.servers", broker.address()));
        try (KafkaProducer<String, String> producer = producer();
                KafkaStreams streams = TenLines.start(properties)) {
            producer.send(new ProducerRecord<>("metrics", "cpu,host=a usage_idle=1 1\ncpu,host=a usage_idle=3 2"));
            producer.flush();
            assertThat(values("averages", 2)).containsExactly("cpu,host=a avg=1.0 1", "cpu,host=a avg=2.0 2");
        }
    }

    private static KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address(), "max.in.flight.requests.per.connection", "1"),
                new StringSerializer(),
                new StringSerializer());
    }

    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void aWindowThatAKilledWorkerHasClosedIsCollectedAgain() throws Exception {
        broker.create(1, "windows-in", "windows-out", "windows-dead");
        List<String> arguments = List.of(
                "outliers",
                "--brokers",
                broker.address(),
                "--in",
                "windows-in",
                "--out",
                "windows-out",
                "--dead-letters",
                "windows-dead",
                "--option",
                "field=v",
                "--window",
                "10ns",
                "--partitioned",
                "--session-timeout",
                SESSION_TIMEOUT.toSeconds() + "s",
                "--kafka",
                "commit.interval.ms=3600000",
                // Kafka Streams writes what is in a full cache.
                "--kafka",
                "statestore.cache.max.bytes=0");
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, String> consumer = consumer("windows-out", 1)) {
            for (int i = 1; i <= 9; i++) {
                producer.send(new ProducerRecord<>("windows-in", "cpu v=" + (i == 5 ? 100 : 1) + " " + i));
            }
            producer.send(new ProducerRecord<>("windows-in", "cpu v=1 20"));
            producer.flush();
            WorkerProcess first = start(Map.of(), arguments);
            assertThat(read(consumer, 1)).containsExactly("cpu v=100.0 5");
            first.kill();
            WorkerProcess second = start(Map.of(), arguments);
            producer.send(new ProducerRecord<>("windows-in", "nonsense"));
            producer.flush();
            assertThat(values("windows-dead", 1)).as(second.output()).containsExactly("nonsense");
            assertThat(read(consumer, 1)).as(second.output()).containsExactly("cpu v=100.0 5");
            assertThat(second.terminate()).as(second.output()).isZero();
        }
    }

    @Test
    void stateThatCannotBeSavedInTheLastCommitIsInTheExitStatus() throws Exception {
        broker.create(1, "last-in", "last-out");
        try (KafkaProducer<String, String> producer = producer()) {
            producer.send(new ProducerRecord<>("last-in", "cpu,host=a v=1 1"));
            producer.flush();
            WorkerProcess worker = worker(
                    "last-in",
                    "last-out",
                    "--partitioned",
                    "--max-value-bytes",
                    "1",
                    // Its only commit is the one at its end.
                    "--kafka",
                    "commit.interval.ms=3600000");
            assertThat(values("last-out", 1)).containsExactly("cpu,host=a avg=1.0 1");
            assertThat(worker.terminate()).as(worker.output()).isEqualTo(10);
            assertThat(worker.output()).contains("(expected: <= 1, maxValueBytes)");
        }
    }

    @Test
    void aTopicThatIsMissingIsToldAtTheStart() throws Exception {
        WorkerProcess worker = worker("nowhere", "nowhere-out");
        assertThat(worker.await()).isEqualTo(5);
        assertThat(worker.output()).contains("topic: nowhere: missing (expected: an existing topic)");
    }
}
