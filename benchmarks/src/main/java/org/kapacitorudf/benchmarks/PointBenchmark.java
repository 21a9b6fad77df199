package org.kapacitorudf.benchmarks;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Point;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.tools.load.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures operations on one point. Methods whose names end in {@code Protobuf} do the same with the classes generated
 * by protoc.
 */
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
public class PointBenchmark {
    private static final String FIELD = "usage_idle";
    private static final int BUFFER_BYTES = 1024;

    private final byte[] body =
            Frames.requests(Traffic.points(100).frames()).get(0).toByteArray();
    private final Point point = (Point) Requests.decode(body);
    private final org.kapacitorudf.proto.Point message = parsed();
    private final Response response = Response.newBuilder().setPoint(message).build();
    private final ByteBuf out = Unpooled.directBuffer(BUFFER_BYTES);
    private final byte[] array = new byte[BUFFER_BYTES];

    private org.kapacitorudf.proto.Point parsed() {
        try {
            return Request.parseFrom(body).getPoint();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Only checks the structure: the values are decoded when they are read. */
    @Benchmark
    public Object decode() {
        return Requests.decode(body);
    }

    @Benchmark
    public Object decodeProtobuf() throws IOException {
        return Request.parseFrom(body);
    }

    @Benchmark
    public double readField() {
        return point.doubleField(FIELD);
    }

    @Benchmark
    public double readFieldProtobuf() {
        return message.getFieldsDoubleOrThrow(FIELD);
    }

    @Benchmark
    public String group() {
        return point.group();
    }

    @Benchmark
    public Map<String, String> tags() {
        return point.tags();
    }

    @Benchmark
    public Point withFields() {
        return point.withFields(Fields.of("mean", 12.5));
    }

    @Benchmark
    public Object withFieldsProtobuf() {
        return message.toBuilder()
                .clearFieldsDouble()
                .clearFieldsInt()
                .clearFieldsString()
                .clearFieldsBool()
                .putFieldsDouble("mean", 12.5)
                .build();
    }

    @Benchmark
    public Point withField() {
        return point.withField(FIELD, 12.5);
    }

    @Benchmark
    public Object withFieldProtobuf() {
        return message.toBuilder().putFieldsDouble(FIELD, 12.5).build();
    }

    @Benchmark
    public ByteBuf encode() {
        out.clear();
        ResponseEncoder.writePoint(point, out);
        return out;
    }

    @Benchmark
    public byte[] encodeProtobuf() throws IOException {
        return write(response);
    }

    /** Does everything that a moving average does with a point, except for computing the average. */
    @Benchmark
    public ByteBuf decodeReadReplaceEncode() {
        Point in = (Point) Requests.decode(body);
        out.clear();
        ResponseEncoder.writePoint(in.withFields(Fields.of("mean", in.doubleField(FIELD))), out);
        return out;
    }

    @Benchmark
    public byte[] decodeReadReplaceEncodeProtobuf() throws IOException {
        org.kapacitorudf.proto.Point in = Request.parseFrom(body).getPoint();
        org.kapacitorudf.proto.Point changed = in.toBuilder()
                .clearFieldsDouble()
                .clearFieldsInt()
                .clearFieldsString()
                .clearFieldsBool()
                .putFieldsDouble("mean", in.getFieldsDoubleOrThrow(FIELD))
                .build();
        return write(Response.newBuilder().setPoint(changed).build());
    }

    private byte[] write(MessageLite whole) throws IOException {
        CodedOutputStream stream = CodedOutputStream.newInstance(array);
        stream.writeUInt32NoTag(whole.getSerializedSize());
        whole.writeTo(stream);
        return array;
    }
}
