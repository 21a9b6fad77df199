package org.kapacitorudf.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.wire.BatchPoint;
import org.kapacitorudf.internal.wire.ByteSink;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;

/**
 * Drives one function in the caller's thread, with encoded points as input and output. For programs that process many
 * points; use a {@link UdfDriver} in tests.
 *
 * <pre>{@code
 * driver.add(point);
 * driver.run();       // the receiver gets what the function emits before this returns
 * }</pre>
 *
 * <p>Time is virtual: only {@link #advance} changes it, and runs each timer at its time, or {@link #jump} in one step.
 *
 * <p>Threading: for use by any thread, but by one at a time; handler and receiver are called in the caller's thread.
 *
 * <p>Errors: {@link StandInException} if the function does not start or has failed. After that, only {@link #close} may
 * be called.
 */
public final class EncodedDriver implements AutoCloseable {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    /**
     * Receives what the function emits.
     *
     * <p>Threading: called in the thread of the driver's caller, during the caller's calls.
     */
    public interface Receiver {
        /** Takes a point. The bytes do not belong to the receiver, which must neither keep nor change them. */
        void point(byte[] bytes, int from, int to);

        /** Receives a batch. */
        void batch(String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> points);
    }

    private final DriverClock clock;
    private final DrivenHost host;
    private final Receiver receiver;
    private final ByteSink toReceiver;
    private final List<DrivenHost.Thrown> thrown = new ArrayList<>();
    private final List<UdfDriver.Skip> skipped = new ArrayList<>();
    private final List<Object> given = new ArrayList<>();
    private boolean closing;

    private EncodedDriver(Udf udf, InitRequest init, AgentConfig config, Instant startAt, Receiver receiver) {
        this.receiver = receiver;
        toReceiver = (bytes, offset, length) -> receiver.point(bytes, offset, offset + length);
        clock = new DriverClock(startAt);
        host = new DrivenHost(
                clock,
                output -> HandlerHost.of(UdfFunction.of(udf), clock, output)
                        .options(OptionMessages.given(init))
                        .place(init.getTaskID(), init.getNodeID())
                        .config(config)
                        .nanoTime(clock::nanos)
                        .onThrown((text, cause) -> thrown.add(thrown(text, cause)))
                        .build(),
                this::receive);
    }

    /**
     * Starts a function.
     *
     * @param options as created by {@link org.kapacitorudf.client.Options}
     * @param startAt the initial time of the clock
     * @param receiver gets what the function emits
     */
    public static EncodedDriver start(
            Udf udf, String task, List<Option> options, AgentConfig config, Instant startAt, Receiver receiver) {
        InitRequest init = InitRequest.newBuilder()
                .setTaskID(task)
                .setNodeID(udf.describe().name() + "2")
                .addAllOptions(options)
                .build();
        EncodedDriver driver = new EncodedDriver(
                udf,
                init,
                Objects.requireNonNull(config, "config"),
                Objects.requireNonNull(startAt, "startAt"),
                Objects.requireNonNull(receiver, "receiver"));
        driver.mustSucceed(driver.host.start());
        return driver;
    }

    /**
     * Restores a state that {@link #snapshot} returned. Must be called before any data is added.
     *
     * @throws StandInException if the function rejects the state
     */
    public void restore(byte[] snapshot) {
        mustSucceed(host.restore(snapshot));
    }

    private void mustSucceed(Optional<String> error) {
        thrown.clear();
        error.ifPresent(text -> {
            throw new StandInException(text);
        });
    }

    /** Adds a point for a function that wants a stream; the next {@link #run} handles it. */
    public void add(Point point) {
        given.add(point);
    }

    /** Adds a batch for a function that expects batches; the next {@link #run} handles it. */
    public void add(Batch batch) {
        given.add(new BatchBegin(
                batch.name(), batch.group(), batch.tags(), batch.points().size(), batch.byName()));
        for (Point point : batch.points()) {
            byte[] bytes = BatchPoint.of(point.encoded());
            given.add(POINTS.decode(bytes, 0, bytes.length));
        }
        given.add(new BatchEnd(batch.name(), batch.group(), batch.tmaxNanos(), batch.tags()));
    }

    /** Lets the function handle the added data, and passes on what the function's own threads have emitted. */
    public void run() {
        host.inTurn(() -> given.forEach(host::give));
        given.clear();
        settle();
    }

    /** The time on the function's clock. */
    public Instant now() {
        return clock.instant();
    }

    /** Sets the clock without advancing time; no timer runs. */
    public void setClock(Instant time) {
        clock.set(time);
    }

    /** Advances time, and runs the timers that become due. */
    public void advance(Duration duration) {
        host.advance(duration.toNanos());
        host.readOn();
        settle();
    }

    /**
     * Advances time in one step, and then runs the timers that have become due. A repeated timer runs once: the ticks
     * that it missed are dropped, as in an agent that was held up.
     */
    public void jump(Duration duration) {
        host.jump(duration.toNanos());
        settle();
    }

    /**
     * The function's state; empty if there is none.
     *
     * @throws StandInException if the function fails to return its state
     */
    public byte[] snapshot() {
        byte[] snapshot = host.snapshot();
        if (host.error().isEmpty() && !thrown.isEmpty()) {
            String text = thrown.get(0).text();
            thrown.clear();
            throw new StandInException(text);
        }
        settle();
        return snapshot;
    }

    /** Ends the input: the handler stops, and may still emit. */
    public void endOfInput() {
        host.endInput();
        settle();
    }

    /**
     * The reasons why points or batches have been skipped, or the handler replaced, since the last call to this method.
     */
    public List<UdfDriver.Skip> skips() {
        List<UdfDriver.Skip> all = List.copyOf(skipped);
        skipped.clear();
        return all;
    }

    private DrivenHost.Thrown thrown(String text, Throwable cause) {
        return new DrivenHost.Thrown(text, host.pointsIn(), cause);
    }

    /** The function's own counters, by name. */
    public Map<String, Long> counters() {
        return host.counters();
    }

    /** The number of non-finite values in fields that the function has made. */
    public long nonFinite() {
        return host.nonFinite();
    }

    /** The number of times the handler was replaced after a failure. */
    public int restarts() {
        return host.restarts();
    }

    /**
     * Takes over the driver from a thread that will never return from a call of the handler. The receiver gets what was
     * emitted until now.
     */
    public void abandonCall() {
        host.take();
    }

    /** Ends the input, and discards what the handler still emits. */
    @Override
    public void close() {
        closing = true;
        host.endInput();
    }

    private void receive(Object next) {
        if (closing) {
            return;
        }
        if (next instanceof Point point) {
            POINTS.encodedTo(point, toReceiver);
        } else {
            Batch batch = (Batch) next;
            receiver.batch(
                    batch.name(),
                    batch.tags(),
                    batch.byName(),
                    batch.tmaxNanos(),
                    batch.points().stream().map(Point::encoded).toList());
        }
    }

    /** Keeps the reasons of skips, and throws an exception if an error has ended the function. */
    private void settle() {
        Optional<String> error = host.error();
        for (DrivenHost.Thrown next : thrown) {
            if (next.cause() != host.errorCause()) {
                skipped.add(next.skip());
            }
        }
        thrown.clear();
        if (error.isPresent() && !closing) {
            throw new StandInException("the function has failed: " + error.get());
        }
    }
}
