package org.kapacitorudf.streams.program;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;

/**
 * The topics of a worker, checked before it starts.
 *
 * @param partitions the number of partitions of the input topic with the most partitions
 */
record Topics(int partitions) {
    private static final int TIMEOUT_SECONDS = 30;

    /** Errors: {@link CommandException} if no broker responds, or a topic is missing. */
    static Topics of(Properties properties, List<String> inputs, String output, Optional<String> deadLetters) {
        List<String> names = new ArrayList<>(inputs);
        names.add(output);
        deadLetters.ifPresent(names::add);
        int partitions = 1;
        try (Admin admin = Admin.create(adminProperties(properties))) {
            Map<String, KafkaFuture<TopicDescription>> found =
                    admin.describeTopics(names).topicNameValues();
            for (String name : names) {
                int count = describe(properties, name, Objects.requireNonNull(found.get(name)))
                        .partitions()
                        .size();
                partitions = inputs.contains(name) ? Math.max(partitions, count) : partitions;
            }
        } catch (KafkaException e) {
            throw failed(properties, e);
        }
        return new Topics(partitions);
    }

    /** The settings for connecting to brokers. */
    private static Properties adminProperties(Properties properties) {
        Properties ofAdmin = new Properties();
        properties.forEach((key, value) -> {
            String name = key.toString();
            if (name.equals("bootstrap.servers")
                    || name.startsWith("security.")
                    || name.startsWith("sasl.")
                    || name.startsWith("ssl.")) {
                ofAdmin.put(name, value);
            }
        });
        ofAdmin.put("default.api.timeout.ms", (int) TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
        ofAdmin.put("request.timeout.ms", (int) TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
        return ofAdmin;
    }

    private static TopicDescription describe(
            Properties properties, String topic, KafkaFuture<TopicDescription> description) {
        try {
            return description.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new CommandException(
                        ExitStatus.UNREACHABLE, "topic: " + topic + ": missing (expected: an existing topic)");
            }
            throw failed(properties, Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw failed(properties, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(properties, e);
        }
    }

    private static CommandException failed(Properties properties, Throwable cause) {
        return new CommandException(
                ExitStatus.UNREACHABLE,
                "brokers: " + properties.get("bootstrap.servers") + ": " + cause.getMessage()
                        + " (expected: a response of Kafka within " + TIMEOUT_SECONDS + " s)");
    }
}
