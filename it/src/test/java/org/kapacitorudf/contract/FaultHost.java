package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Pipes;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.internal.channel.StdioChannel;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;

/** Functions in this JVM on one of the transports, for hundreds of faults. */
interface FaultHost extends AutoCloseable {
    List<Udf> FUNCTIONS = Stream.<Udf>concat(FaultyUdf.ALL.stream(), Stream.of(TestUdf.amplifier))
            .toList();

    Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException;

    /** The raw ends of a new connection. */
    Ends dial(String function) throws IOException;

    /** The number of connections according to the agent. */
    int connections();

    int abandonedCalls();

    @Override
    void close();

    /** An action that may fail for a reason that belongs to the test. */
    interface Closing {
        void close() throws IOException;
    }

    /**
     * Kapacitor's ends of a connection.
     *
     * @param endInput Kapacitor's action when it has nothing more to send
     * @param stopReading closes only the end for reading
     */
    record Ends(WritableByteChannel toAgent, ReadableByteChannel fromAgent, Closing endInput, Closing stopReading)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            try (toAgent) {
                fromAgent.close();
            }
        }
    }

    private static Map<String, Udf> byName(List<Udf> udfs) {
        return udfs.stream().collect(Collectors.toMap(udf -> udf.describe().name(), Function.identity()));
    }

    /** One server, with a Unix socket for each function. */
    final class Sockets implements FaultHost {
        private final Path directory;
        private final UdfServer server;

        Sockets(Path directory, AgentConfig config, List<Udf> udfs) throws IOException {
            this.directory = directory;
            UdfServer.Builder builder = UdfServer.builder().config(config);
            byName(udfs).forEach((name, udf) -> builder.function(udf, directory.resolve(name)));
            server = builder.build().start();
        }

        @Override
        public Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException {
            return kapacitor.connect(directory.resolve(function));
        }

        @Override
        public Ends dial(String function) throws IOException {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve(function)));
            return new Ends(channel, channel, channel::shutdownOutput, channel::shutdownInput);
        }

        @Override
        public int connections() {
            return server.connections().size();
        }

        @Override
        public int abandonedCalls() {
            return server.abandonedCalls();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** Like a process UDF without the process: for each session a channel over two pipes, with its own event loop. */
    final class PipePairs implements FaultHost {
        private final Pipes.Maker pipes;
        private final AgentRuntime runtime;
        private final AtomicInteger leftOpen = new AtomicInteger();
        private final Map<String, UdfFunction> functions;

        PipePairs(Path directory, AgentConfig config, List<Udf> udfs) {
            pipes = new Pipes.Maker(directory);
            runtime = AgentRuntime.of(config);
            functions = byName(udfs).entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> UdfFunction.of(entry.getValue())));
        }

        @Override
        public Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException {
            Pipes pair = pipes.next();
            serve(pair, function);
            return pair.kapacitor(kapacitor);
        }

        @Override
        public Ends dial(String function) throws IOException {
            Pipes pair = pipes.next();
            serve(pair, function);
            return new Ends(pair.toAgent(), pair.fromAgent(), pair.toAgent()::close, pair.fromAgent()::close);
        }

        private void serve(Pipes pair, String function) {
            StdioChannel channel = new StdioChannel(pair.agentIn(), pair.agentOut());
            Session session = runtime.install(channel, functions.get(function));
            EventLoop loop = new DefaultEventLoop(AgentRuntime.loopThreads(true));
            session.ended().thenRun(() -> {
                if (pair.agentIn().isOpen() || pair.agentOut().isOpen()) {
                    leftOpen.incrementAndGet();
                }
                loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            });
            assertThat(loop.register(channel).awaitUninterruptibly().isSuccess())
                    .isTrue();
        }

        @Override
        public int connections() {
            return runtime.connections();
        }

        @Override
        public int abandonedCalls() {
            return runtime.abandonedCalls();
        }

        @Override
        public void close() {
            Eventually.equal("connections", this::connections, 0);
            assertThat(leftOpen).as("pipes left open").hasValue(0);
        }
    }
}
