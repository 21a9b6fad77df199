package org.kapacitorudf.internal.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.internal.channel.UnixChannel;
import org.kapacitorudf.internal.codec.LengthPrepender;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.OutputLimits;
import org.kapacitorudf.internal.host.ResultCheck;

/** The end of a burst while the event loop does other work. The test's thread is the worker. */
@Timeout(600)
final class DirectWriteTest {
    private static final Point POINT = Point.of("m", 1).withField("s", "x".repeat(1000));

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final CountDownLatch otherWork = new CountDownLatch(1);
    private SocketChannel peer;
    private UnixChannel channel;
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private OutputPort output;
    private OutputPort.Outlet outlet;

    @BeforeEach
    void connect(@TempDir Path directory) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            peer = SocketChannel.open(address);
            channel = new UnixChannel(server.accept());
        }
        peer.configureBlocking(false);
        ChunkOutlet chunks = new ChunkOutlet(false);
        channel.pipeline().addLast(chunks, new LengthPrepender());
        loops.register(channel).sync();
        CallTracker tracker = new CallTracker();
        AgentConfig config = AgentConfig.defaults();
        output = new OutputPort(
                channel,
                chunks,
                new OutputLimits(EdgeType.STREAM, config.maxFrameBytes(), config.maxBatchBytes()),
                new ResultCheck(NonFinite.DROP, text -> {}),
                config,
                tracker,
                new OutputPort.OutputListener() {
                    @Override
                    public void room() {}

                    @Override
                    public void backlog() {}

                    @Override
                    public void broken(Throwable problem) {
                        broken.set(problem);
                    }
                });
        outlet = output.outlet();
        outlet.open();
        tracker.runBy(Thread.currentThread());
        channel.eventLoop().execute(() -> {
            try {
                otherWork.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void close() throws Exception {
        otherWork.countDown();
        channel.close().sync();
        assertThat(broken).hasNullValue();
        peer.close();
        loops.shutdownGracefully().sync();
    }

    private void burst(int points) {
        for (int i = 0; i < points; i++) {
            outlet.point(POINT);
        }
        output.flushBurst();
    }

    /** Reads what the peer has received, without waiting. */
    private int received() throws IOException {
        return peer.read(ByteBuffer.allocate(100_000));
    }

    private static int bytes(int points) {
        return points * ResponseEncoder.frameSize(POINT);
    }

    @Test
    void theWorkerWritesTheOutputOfALargeBurst() throws IOException {
        burst(5);
        assertThat(received()).isEqualTo(bytes(5));
        assertThat(output.unsentBytes()).isZero();
    }

    @Test
    void theEventLoopWritesTheOutputOfSmallBurstsAtOnce() throws IOException {
        burst(1);
        burst(2);
        assertThat(received()).as("while the event loop is busy").isZero();
        otherWork.countDown();
        int received;
        do {
            Thread.onSpinWait();
            received = received();
        } while (received == 0);
        assertThat(received).isEqualTo(bytes(3));
    }
}
