package org.kapacitorudf.streams.program;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;

/** A Kafka broker in this JVM, on the loopback interface. Threading: one thread. */
final class Broker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final String address;

    private Broker(KafkaRaftServer server, String address) {
        this.server = server;
        this.address = address;
    }

    /** Starts a broker whose files are in a directory. */
    static Broker start(Path directory) throws Exception {
        return start(directory, Map.of());
    }

    /** @param settings further settings */
    static Broker start(Path directory, Map<String, String> settings) throws Exception {
        int port = freePort();
        int controllerPort = freePort();
        Path log = directory.resolve("log");
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names", "CONTROLLER",
                "inter.broker.listener.name", "PLAINTEXT",
                "log.dirs", log.toString()));
        properties.putAll(Map.of(
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "4",
                "group.initial.rebalance.delay.ms", "0",
                "group.min.session.timeout.ms", "1000",
                "auto.create.topics.enable", "false",
                "log.cleaner.dedupe.buffer.size", "2000000"));
        properties.putAll(settings);
        new Formatter()
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .addDirectory(log.toString())
                .setMetadataLogDirectory(log.toString())
                .setControllerListenerName("CONTROLLER")
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .run();
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        server.startup();
        return new Broker(server, "127.0.0.1:" + port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String address() {
        return address;
    }

    void create(int partitions, String... topics) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            List<NewTopic> wanted = new ArrayList<>();
            Stream.of(topics).forEach(topic -> wanted.add(new NewTopic(topic, partitions, (short) 1)));
            admin.createTopics(wanted).all().get(2, TimeUnit.MINUTES);
            // A producer that sees a partition without a leader looks again only after minutes.
            while (!haveLeaders(admin, partitions, topics)) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private static boolean haveLeaders(Admin admin, int partitions, String... topics) throws Exception {
        try {
            for (TopicDescription topic : admin.describeTopics(List.of(topics))
                    .allTopicNames()
                    .get(2, TimeUnit.MINUTES)
                    .values()) {
                if (topic.partitions().size() < partitions
                        || topic.partitions().stream()
                                .anyMatch(partition -> partition.leader() == null
                                        || partition.leader().isEmpty())) {
                    return false;
                }
            }
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false; // not everywhere yet
            }
            throw e;
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    /**
     * A broker for {@code scripts/demo-kafka}: {@code DIR PARTITIONS TOPIC...}; prints its address and runs until it is
     * killed.
     */
    public static void main(String[] args) throws Exception {
        java.io.PrintStream out = System.out;
        Logging.install(false);
        Logging.level(LogLevel.ERROR);
        Broker broker = start(Path.of(args[0]));
        broker.create(Integer.parseInt(args[1]), java.util.Arrays.copyOfRange(args, 2, args.length));
        out.println(broker.address());
        Thread.currentThread().join();
    }

    /** Suppresses the broker's log. */
    static void quiet() {
        Logging.install(false);
        Logging.level(LogLevel.OFF);
    }
}
