package org.kapacitorudf.streams.program;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.server.options.HttpOptions;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.streams.UdfTopology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: runs a topology until a signal stops it, or until the function or Kafka fails.
 *
 * <p>Threading: one thread.
 */
final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final UdfTopology topology;
    private final Properties properties;
    private final HttpOptions http;
    private final CountDownLatch ended;
    private final BiFunction<Topology, Properties, KafkaStreams> client;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /**
     * @param http the options of the pages; without an address for metrics, no pages are served
     * @param ended ends the worker when it is counted down
     */
    Worker(Terminal terminal, UdfTopology topology, Properties properties, HttpOptions http, CountDownLatch ended) {
        this(terminal, topology, properties, http, ended, KafkaStreams::new);
    }

    /** @param client creates Kafka Streams */
    Worker(
            Terminal terminal,
            UdfTopology topology,
            Properties properties,
            HttpOptions http,
            CountDownLatch ended,
            BiFunction<Topology, Properties, KafkaStreams> client) {
        this.terminal = terminal;
        this.topology = topology;
        this.properties = properties;
        this.http = http;
        this.ended = ended;
        this.client = client;
    }

    /** Throws {@link CommandException} if the command cannot start. */
    ExitStatus run() {
        StreamsBuilder builder = new StreamsBuilder();
        topology.addTo(builder);
        try {
            runUntilEnded(client.apply(builder.build(), properties));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KafkaException e) {
            failed(e);
        }
        LOG.info("{}: ended; {}", topology.name(), counts());
        return status();
    }

    private void runUntilEnded(KafkaStreams streams) throws InterruptedException {
        // KafkaStreams.close() would wait without a limit.
        try (WorkerPages pages = startPages(streams)) {
            streams.setUncaughtExceptionHandler(cause -> response(streams, cause));
            streams.setGlobalStateRestoreListener(new RestoreLog());
            streams.setStandbyUpdateListener(new StandbyLog());
            streams.setStateListener((now, before) -> changed(now));
            SystemExitDetector.endsWith(thread -> streams.close(CLOSE_LIMIT));
            streams.start();
            LOG.info(
                    "{}: started; application {}{}",
                    topology.name(),
                    properties.get("application.id"),
                    pages == null ? "" : "; metrics at http://" + pages.address());
            ended.await();
        } finally {
            close(streams);
        }
    }

    private void close(KafkaStreams streams) {
        // Leaving the group lets other workers take over its partitions immediately.
        boolean isClosed = streams.close(CloseOptions.timeout(CLOSE_LIMIT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        // Kafka Streams only logs what the last commit throws.
        topology.saveFailure().ifPresent(this::failed);
        if (!isClosed) {
            failed(new KafkaException("last commit: not done after " + CLOSE_LIMIT.toSeconds()
                    + " s (expected: done, and every thread has ended)"));
        }
    }

    /** Starts serving the pages; returns null if there is no address for metrics. */
    private @Nullable WorkerPages startPages(KafkaStreams streams) {
        try {
            return http.metrics() == null ? null : WorkerPages.start(http, topology, streams);
        } catch (IOException e) {
            throw new CommandException(ExitStatus.CANNOT_LISTEN, e.getMessage());
        }
    }

    private void failed(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    private StreamThreadExceptionResponse response(KafkaStreams streams, Throwable cause) {
        if (streams.state().isRunningOrRebalancing() && isAbortedTransaction(cause)) {
            LOG.warn(
                    "{}: a transaction was aborted, and its records are read again"
                            + " (expected: commits within transaction.timeout.ms)",
                    topology.name());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failed(cause);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /**
     * Returns true for the error of a worker that was paused for longer than a transaction may take: a new producer
     * can continue. Kafka Streams handles the other errors of an aborted transaction, but considers this one fatal.
     */
    private static boolean isAbortedTransaction(Throwable cause) {
        return causes(cause).noneMatch(UdfException.class::isInstance)
                && causes(cause).anyMatch(InvalidTxnStateException.class::isInstance);
    }

    private static Stream<Throwable> causes(Throwable cause) {
        return Stream.iterate(cause, Objects::nonNull, Throwable::getCause);
    }

    private void changed(KafkaStreams.State now) {
        LOG.debug("{}: Kafka Streams is {}", topology.name(), now);
        if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
            ended.countDown();
        }
    }

    private String counts() {
        long in = topology.partitions().stream()
                .mapToLong(each -> each.pointsIn())
                .sum();
        long out = topology.partitions().stream()
                .mapToLong(each -> each.pointsOut())
                .sum();
        long skipped = topology.partitions().stream()
                .mapToLong(each -> each.deadLetters())
                .sum();
        return "points in " + in + ", out " + out + "; dropped " + skipped + "; invalid lines " + topology.badLines();
    }

    private ExitStatus status() {
        Throwable cause = failure.get();
        if (cause == null) {
            return ExitStatus.OK;
        }
        Optional<Throwable> ofFunction =
                causes(cause).filter(UdfException.class::isInstance).findFirst();
        if (ofFunction.isPresent()) {
            terminal.say(terminal.program() + ": " + ofFunction.get().getMessage());
            return ExitStatus.FAILED;
        }
        LOG.error("Kafka: {}", cause.getMessage(), cause);
        terminal.say(terminal.program() + ": Kafka: " + cause.getMessage());
        return ExitStatus.UNREACHABLE;
    }

    /**
     * Logs the progress of standby copies, which are copies of the state of partitions that other workers own.
     * Threading: safe for use by any thread.
     */
    private static final class StandbyLog implements StandbyUpdateListener {
        @Override
        public void onUpdateStart(TopicPartition partition, String store, long from) {}

        @Override
        public void onBatchLoaded(
                TopicPartition partition, String store, TaskId task, long last, long count, long end) {
            LOG.debug("{}: copied {} up to offset {} of {}", store, partition, last, end);
        }

        @Override
        public void onUpdateSuspended(
                TopicPartition partition, String store, long position, long end, SuspendReason reason) {
            if (reason == SuspendReason.PROMOTED) {
                LOG.info("{}: takes over {} with its copy", store, partition);
            }
        }
    }

    /** Logs how long it takes to restore state. Threading: safe for use by any thread. */
    private static final class RestoreLog implements StateRestoreListener {
        private final java.util.Map<TopicPartition, Long> begun = new java.util.concurrent.ConcurrentHashMap<>();

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            begun.put(partition, System.nanoTime());
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long count) {
            Long since = begun.remove(partition);
            LOG.info(
                    "{}: restored {} records of {} in {} ms",
                    store,
                    count,
                    partition,
                    since == null ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
        }
    }
}
