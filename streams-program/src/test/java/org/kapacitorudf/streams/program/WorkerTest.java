package org.kapacitorudf.streams.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.server.options.HttpOptions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.streams.UdfTopology;

/** The end of a worker, with a stand-in for Kafka Streams. */
final class WorkerTest {
    private static final KafkaException ABORTED = new InvalidTxnStateException("in an invalid state");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private StreamsUncaughtExceptionHandler handler;
    private KafkaStreams.State state;
    private boolean failsWhileClosing;

    private ExitStatus run(boolean closes) {
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), err, "", false);
        terminal.program(StreamsCommand.PROGRAM);
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "app", "bootstrap.servers", "127.0.0.1:1"));
        UdfTopology topology = UdfTopology.of(new MovingAverage())
                .option("field", "v")
                .option("size", 1)
                .input("in")
                .output("out");
        CountDownLatch ended = new CountDownLatch(1);
        ended.countDown();
        return new Worker(
                        terminal,
                        topology,
                        properties,
                        new HttpOptions(),
                        ended,
                        (built, settings) -> new StandIn(built, settings, closes))
                .run();
    }

    @Test
    void aLastCommitThatTakesTooLongIsAFailure() {
        assertThat(run(false)).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(err.toString()).contains("Kafka: last commit: not done after 30 s (expected: ");
    }

    @Test
    void aWorkerThatCommitsInTimeEndsWell() {
        assertThat(run(true)).isEqualTo(ExitStatus.OK);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aThreadWhoseTransactionWasAbortedIsReplaced() {
        run(true);
        state = KafkaStreams.State.RUNNING;
        assertThat(handler.handle(new StreamsException("commit", ABORTED)))
                .isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
    }

    @Test
    void otherFailuresEndTheWorker() {
        run(true);
        state = KafkaStreams.State.RUNNING;
        assertThat(List.of(
                        new FencedInstanceIdException("another worker has the same group.instance.id"),
                        new StreamsException("commit", new TopicAuthorizationException("out")),
                        new StreamsException("process", new UdfException("of the function's own producer", ABORTED))))
                .extracting(handler::handle)
                .containsOnly(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    }

    @Test
    void aTransactionThatIsAbortedWhileTheWorkerEndsIsAFailure() {
        failsWhileClosing = true;
        assertThat(run(true)).isEqualTo(ExitStatus.UNREACHABLE);
    }

    /** Never starts, and closes in time or not at all. */
    private final class StandIn extends KafkaStreams {
        private final boolean closes;

        StandIn(Topology topology, Properties properties, boolean closes) {
            super(topology, properties);
            this.closes = closes;
        }

        @Override
        public synchronized void start() {}

        @Override
        public void setUncaughtExceptionHandler(StreamsUncaughtExceptionHandler handler) {
            WorkerTest.this.handler = handler;
        }

        @Override
        public State state() {
            return WorkerTest.this.state;
        }

        @Override
        public synchronized boolean close(org.apache.kafka.streams.CloseOptions options) {
            WorkerTest.this.state = State.PENDING_SHUTDOWN;
            if (failsWhileClosing) {
                handler.handle(ABORTED);
            }
            // What it has opened is closed in any case.
            return super.close(options) && closes;
        }

        @Override
        public void close() {
            throw new AssertionError("close: without a limit (expected: with one)");
        }
    }
}
