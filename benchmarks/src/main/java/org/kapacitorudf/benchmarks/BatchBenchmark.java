package org.kapacitorudf.benchmarks;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.Point;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
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

/** Measures writing a batch of 1,000 points; the figures are per point. */
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
public class BatchBenchmark {
    private static final int POINTS = 1000;
    private static final int BUFFER_BYTES = 512 * 1024;
    private static final Map<String, String> TAGS = Map.of("host", "server0000");

    private final List<Request> requests =
            Frames.requests(Traffic.batches(POINTS, 1).frames()).subList(1, 1 + POINTS);
    private final List<Point> points = requests.stream()
            .map(request -> (Point) Requests.decode(request.toByteArray()))
            .toList();
    private final List<Response> messages = requests.stream()
            .map(request -> Response.newBuilder().setPoint(request.getPoint()).build())
            .toList();
    private final ByteBuf out = Unpooled.directBuffer(BUFFER_BYTES);
    private final byte[] array = new byte[BUFFER_BYTES];

    @Benchmark
    @OperationsPerInvocation(POINTS)
    public ByteBuf encode() {
        out.clear();
        ResponseEncoder.writeBegin("cpu", "host=server0000", TAGS, POINTS, false, out);
        for (Point point : points) {
            ResponseEncoder.writePoint(point, out);
        }
        ResponseEncoder.writeEnd("cpu", "host=server0000", 1_700_000_000_000_000_000L, TAGS, out);
        return out;
    }

    @Benchmark
    @OperationsPerInvocation(POINTS)
    public byte[] encodeProtobuf() throws IOException {
        CodedOutputStream stream = CodedOutputStream.newInstance(array);
        write(
                Response.newBuilder()
                        .setBegin(BeginBatch.newBuilder()
                                .setName("cpu")
                                .setGroup("host=server0000")
                                .putAllTags(TAGS)
                                .setSize(POINTS))
                        .build(),
                stream);
        for (Response message : messages) {
            write(message, stream);
        }
        write(
                Response.newBuilder()
                        .setEnd(EndBatch.newBuilder()
                                .setName("cpu")
                                .setGroup("host=server0000")
                                .setTmax(1_700_000_000_000_000_000L)
                                .putAllTags(TAGS))
                        .build(),
                stream);
        return array;
    }

    private static void write(Response response, CodedOutputStream stream) throws IOException {
        stream.writeUInt32NoTag(response.getSerializedSize());
        response.writeTo(stream);
    }
}
