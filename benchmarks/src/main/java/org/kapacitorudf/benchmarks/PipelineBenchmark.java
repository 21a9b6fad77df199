package org.kapacitorudf.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.examples.Mirror;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.internal.codec.FrameDecoder;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.tools.load.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Measures the work for one read with 250 points; the figures are per point. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "-XX:+UseSerialGC",
            "-Dio.netty.leakDetection.level=disabled",
            "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider"
        })
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PipelineBenchmark {
    private static final int POINTS = 250;

    private final byte[] bytes = firstPoints();
    private final byte[] answer = new byte[bytes.length];
    private final HostedFunction mirror = HostedFunction.start(new Mirror());
    private final HostedFunction movingAverage = HostedFunction.start(
            new MovingAverage(), Options.of("field", "usage_user"), Options.of("size", 10), Options.of("as", "mean"));
    private final ByteBuf read = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
    private final Sink sink = new Sink();
    private final EmbeddedChannel decoder =
            new EmbeddedChannel(new FrameDecoder(AgentConfig.defaults().maxFrameBytes()), sink);

    /** Receives the frames. */
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private @Nullable Blackhole blackhole;

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            Objects.requireNonNull(blackhole).consume(frame);
        }
    }

    private static byte[] firstPoints() {
        List<Request> points = Frames.requests(Traffic.points(POINTS).frames());
        return Frames.encodeAll(points.subList(0, POINTS));
    }

    /** Splits the bytes of a read into the bodies of the points. */
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public void frames(Blackhole blackhole) {
        sink.blackhole = blackhole;
        decoder.pipeline().fireChannelRead(read.retainedDuplicate());
    }

    /** Measures decoder, host and encoder, with a function that returns each point. */
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public int mirror() {
        return mirror.exchange(bytes, answer);
    }

    /**
     * Measures decoder, host and encoder, with a function that reads a field, keeps a window for each group, and
     * replaces the fields.
     */
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public int movingAverage() {
        return movingAverage.exchange(bytes, answer);
    }
}
