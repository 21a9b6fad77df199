package org.kapacitorudf.streams.program;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.streams.PartitionStatus;
import org.kapacitorudf.streams.UdfTopology;

/**
 * The measurements of {@code scripts/bench streams}: {@code POINTS RUNS}. Compares a moving average with a processor
 * that only forwards records, in turns, with one stream thread each: for records of one line, and for records of many
 * as Telegraf batches them. Measures how long it takes to restore the state of 100,000 groups.
 */
final class StreamsBenchmark {
    private static final int GROUPS = 1_000;
    private static final int PARTITIONS = 4;
    private static final int GROUPS_TO_TAKE_OVER = 100;
    private static final int LINES_OF_A_BATCH = 100;
    private static final int RESTORED_GROUPS = 100_000;
    private static final PrintStream OUT = System.out;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final String brokers;
    private final long points;
    private int applications;

    private StreamsBenchmark(String brokers, long points) {
        this.brokers = brokers;
        this.points = points;
    }

    public static void main(String[] args) throws Exception {
        Logging.install(false);
        Logging.level(LogLevel.ERROR);
        Path directory = Files.createTempDirectory("kapacitor-udf-bench");
        try (Broker broker = Broker.start(directory)) {
            broker.create(1, "in", "in-batches", "in-groups", "out");
            StreamsBenchmark benchmark = new StreamsBenchmark(broker.address(), Long.parseLong(args[0]));
            benchmark.measure(Integer.parseInt(args[1]));
            benchmark.restore();
            for (boolean exactlyOnce : List.of(false, true)) {
                String topic = "take-over-" + exactlyOnce;
                broker.create(PARTITIONS, topic, topic + "-out");
                benchmark.takeOver(directory, topic, exactlyOnce);
            }
        }
        System.exit(0);
    }

    private void measure(int runs) throws Exception {
        feed("in", points, GROUPS, 1);
        feed("in-batches", points, GROUPS, LINES_OF_A_BATCH);
        List<Topologies> kinds = List.of(
                new Topologies("passes records on", () -> passThrough("in", 1)),
                new Topologies("movingAvg, partitioned", () -> movingAverage("in", true)),
                new Topologies("movingAvg, repartitioned", () -> movingAverage("in", false)),
                new Topologies("passes batches on", () -> passThrough("in-batches", LINES_OF_A_BATCH)),
                new Topologies("movingAvg of batches", () -> movingAverage("in-batches", true)));
        OUT.printf(
                "%-26s %12s %12s   (%d points, median of %d runs in turns; CPU of the stream thread)%n",
                "", "points/s", "CPU us/point", points, runs);
        double[][] rates = new double[kinds.size()][runs];
        double[][] cpu = new double[kinds.size()][runs];
        for (int run = -1; run < runs; run++) {
            for (int i = 0; i < kinds.size(); i++) {
                Result result = run(kinds.get(i).make.make());
                if (run >= 0) {
                    rates[i][run] = result.pointsPerSecond;
                    cpu[i][run] = result.cpuMicros;
                }
            }
        }
        for (int i = 0; i < kinds.size(); i++) {
            OUT.printf(
                    "%-26s %,12.0f %12.2f   %.2f x%n",
                    kinds.get(i).name, median(rates[i]), median(cpu[i]), medianOfRatios(rates[i], rates[i / 3 * 3]));
        }
    }

    private record Topologies(String name, Making make) {}

    private interface Making {
        Running make();
    }

    private record Running(Topology topology, LongSupplier handled) {}

    private record Result(double pointsPerSecond, double cpuMicros) {}

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Each run is compared with the one just before it, because other programs may run too. */
    private static double medianOfRatios(double[] rates, double[] base) {
        double[] ratios = new double[rates.length];
        Arrays.setAll(ratios, run -> rates[run] / base[run]);
        return median(ratios);
    }

    private Running passThrough(String in, int linesPerRecord) {
        LongAdder handled = new LongAdder();
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(in, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .peek((key, value) -> handled.add(linesPerRecord))
                .to("out", Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        return new Running(builder.build(), handled::sum);
    }

    private Running movingAverage(String in, boolean partitioned) {
        StreamsBuilder builder = new StreamsBuilder();
        UdfTopology udf = UdfTopology.of(new MovingAverage())
                .option("field", "v")
                .option("size", 10)
                .groupBy("host")
                .input(in)
                .output("out");
        if (partitioned) {
            udf.partitioned();
        }
        udf.addTo(builder);
        return new Running(
                builder.build(),
                () -> udf.partitions().stream()
                        .mapToLong(PartitionStatus::pointsIn)
                        .sum());
    }

    private Result run(Running running) throws InterruptedException {
        try (KafkaStreams streams = new KafkaStreams(running.topology, properties("bench-" + applications++))) {
            streams.start();
            awaitMore(running.handled, 0);
            long first = running.handled.getAsLong();
            long begun = System.nanoTime();
            long cpuBegun = streamThreadCpu();
            awaitMore(running.handled, points - 1);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double cpuMicros = (streamThreadCpu() - cpuBegun) / 1e3;
            return new Result((points - first) / seconds, cpuMicros / (points - first));
        }
    }

    private static void awaitMore(LongSupplier handled, long than) throws InterruptedException {
        while (handled.getAsLong() <= than) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private static long streamThreadCpu() {
        long nanos = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().matches("bench-.*StreamThread-\\d+")) {
                nanos += THREADS.getThreadCpuTime(thread.getId());
            }
        }
        return nanos;
    }

    private Properties properties(String application) {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", application, "bootstrap.servers", brokers));
        return properties;
    }

    private void feed(String topic, long count, int groups, int linesPerRecord) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers, "linger.ms", "50", "batch.size", "200000"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            StringBuilder lines = new StringBuilder();
            for (long i = 0; i < count; i++) {
                lines.append("cpu,host=h")
                        .append(i % groups)
                        .append(",rack=r1,dc=eu v=")
                        .append(i % 1000)
                        .append(".5,w=1i ")
                        .append(1_700_000_000_000_000_000L + i)
                        .append('\n');
                if ((i + 1) % linesPerRecord == 0) {
                    producer.send(new ProducerRecord<>(topic, lines.toString().getBytes(StandardCharsets.UTF_8)));
                    lines.setLength(0);
                }
            }
        }
    }

    /** Kills one of two workers, with the default settings. */
    private void takeOver(Path directory, String topic, boolean exactlyOnce) throws Exception {
        List<WorkerProcess> workers = new ArrayList<>();
        BooleanSupplier forEver = () -> true;
        try (Stream stream = new Stream(brokers, topic, topic + "-out", PARTITIONS, GROUPS_TO_TAKE_OVER, 10)) {
            for (int i = 0; i < 2; i++) {
                List<String> arguments = new ArrayList<>(List.of("movingAvg", "--brokers", brokers, "--in", topic));
                arguments.addAll(List.of("--out", topic + "-out", "--application", topic, "--group-by", "host"));
                arguments.addAll(List.of("--option", "field=v", "--option", "size=10"));
                if (exactlyOnce) {
                    arguments.add("--exactly-once");
                }
                WorkerProcess worker =
                        WorkerProcess.start(directory.resolve(topic + i), Map.of(), arguments.toArray(String[]::new));
                workers.add(worker);
                worker.awaitStarted();
                stream.feed(10);
                stream.readAll(forEver);
            }
            // Until both have partitions.
            for (int i = 0; i < 20; i++) {
                stream.feed(1);
                stream.readAll(forEver);
                TimeUnit.MILLISECONDS.sleep(500);
            }
            if (!exactlyOnce) {
                stream.allowRepeats();
            }
            workers.get(0).kill();
            long killedNanos = System.nanoTime();
            stream.mark();
            stream.feed(1);
            String wrong = stream.readUntilAllGoOn(forEver);
            OUT.printf(
                    "take-over, %s: %,d ms from the kill of one of two workers until all groups go on (session timeout 10 s)%s%n",
                    exactlyOnce ? "exactly once" : "at least once",
                    TimeUnit.NANOSECONDS.toMillis(stream.wentOnNanos() - killedNanos),
                    wrong.isEmpty() ? "" : "; wrong: " + wrong);
        } finally {
            for (WorkerProcess worker : workers) {
                worker.close();
            }
        }
    }

    /** Ends a worker with much state, and starts another one. */
    private void restore() throws InterruptedException {
        feed("in-groups", RESTORED_GROUPS, RESTORED_GROUPS, 1);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Running running = movingAverage("in-groups", true);
            long begun = System.nanoTime();
            try (KafkaStreams streams = new KafkaStreams(running.topology, properties("bench-restore"))) {
                streams.start();
                if (i == 0) {
                    awaitMore(running.handled, RESTORED_GROUPS - 1);
                } else {
                    feed("in-groups", 1, RESTORED_GROUPS, 1);
                    awaitMore(running.handled, 0);
                }
                times.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
                streams.close(CloseOptions.timeout(Duration.ofMinutes(1))
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            }
        }
        OUT.printf(
                "restore: %,d groups; %,d ms from the start of the second worker to its first point%n",
                RESTORED_GROUPS, times.get(1));
    }
}
