package org.kapacitorudf.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;

/**
 * A function that wants and provides a stream, with decoder and encoder: it converts frames in the caller's thread.
 * Session and transport are left out.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link IllegalStateException} if the function does not start or fails.
 */
final class HostedFunction {
    private final HandlerHost host;
    private long timeNanos; // for both wall time and timers
    private ByteBuf out = Unpooled.EMPTY_BUFFER;

    private HostedFunction(Udf udf, List<Option> options) {
        InitRequest init = InitRequest.newBuilder().addAllOptions(options).build();
        host = HandlerHost.of(UdfFunction.of(udf), () -> Instant.ofEpochSecond(0, timeNanos), new Encoder())
                .options(OptionMessages.given(init))
                .place("task", "node")
                .nanoTime(() -> timeNanos)
                .build();
    }

    /** Starts a function. */
    static HostedFunction start(Udf udf, Option... options) {
        HostedFunction function = new HostedFunction(udf, List.of(options));
        function.host.start().ifPresent(error -> {
            throw new IllegalStateException("init: " + error);
        });
        return function;
    }

    /**
     * Sets the time in nanoseconds since the epoch, initially 0. Timers that are due run at the next {@link #exchange}.
     */
    void moveTo(long nanos) {
        timeNanos = nanos;
    }

    private final class Encoder implements Output {
        @Override
        public void point(Point point) {
            ResponseEncoder.writePoint(point, out);
        }

        @Override
        public void batch(Batch batch) {
            throw new UnsupportedOperationException("batch");
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    /**
     * Passes frames with points to the function.
     *
     * @param answer receives the frames of the function's output
     * @return the size of the output
     */
    int exchange(byte[] frames, byte[] answer) {
        out = Unpooled.wrappedBuffer(answer).clear();
        host.inTurn(() -> {
            int at = 0;
            while (at < frames.length) {
                int length = (int) Wire.varintAt(frames, at);
                int start = at + Wire.varintSize(length);
                at = start + length;
                host.point((Point) Requests.decode(Arrays.copyOfRange(frames, start, at)));
            }
            while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= timeNanos) {
                host.wake();
            }
        });
        host.failure().ifPresent(failure -> {
            throw new IllegalStateException(failure.text(), failure.cause());
        });
        return out.readableBytes();
    }

    /** The function's state, as sent to Kapacitor. */
    byte[] snapshot() {
        return host.snapshot();
    }
}
