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
 * Drives one function in the thread of its caller, with points that are bytes on both ways: for programs that give it many. A test wants a {@link UdfDriver}.
 *
 * <pre>{@code
 * driver.add(point);
 * driver.run();       // what the function emits is given to the receiver before this returns
 * }</pre>
 *
 * <p>Time is virtual: it stands still but for {@link #advance}, which runs the timers that become due, each at its time.
 *
 * <p>Threading: any thread, but one at a time; handler and receiver are called in the same thread.
 *
 * <p>Errors: {@link StandInException} when the function is not started, or has failed. After that nothing else is of use but {@link #close}.
 */
public final class EncodedDriver implements AutoCloseable {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    /**
     * Is given what the function emits.
     *
     * <p>Threading: called by the driver's caller, within its calls.
     */
    public interface Receiver {
        /** Takes a point; the bytes are not the receiver's: it neither keeps nor changes them. */
        void point(byte[] bytes, int from, int to);

        /** Takes a batch. */
        void batch(String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> points);
    }

    private final DriverClock clock;
    private final DrivenHost host;
    private final Receiver receiver;
    private final ByteSink toReceiver;
    private final List<UdfDriver.Skip> thrown = new ArrayList<>();
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
                        .onThrown((text, cause) -> thrown.add(skip(text)))
                        .build(),
                this::receive);
    }

    /**
     * Starts a function.
     *
     * @param options as {@link org.kapacitorudf.client.Options} makes them
     * @param startAt the time at which its clock stands
     * @param receiver given what the function emits
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
     * Gives the function a state, as {@link #snapshot} gave it, before any data.
     *
     * @throws StandInException if it is refused
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

    /** Gives a point to a function that wants a stream; the next {@link #run} handles it. */
    public void add(Point point) {
        given.add(point);
    }

    /** Gives a batch to a function that wants batches; the next {@link #run} handles it. */
    public void add(Batch batch) {
        given.add(new BatchBegin(
                batch.name(), batch.group(), batch.tags(), batch.points().size(), batch.byName()));
        for (Point point : batch.points()) {
            byte[] bytes = BatchPoint.of(point.encoded());
            given.add(POINTS.decode(bytes, 0, bytes.length));
        }
        given.add(new BatchEnd(batch.name(), batch.group(), batch.tmaxNanos(), batch.tags()));
    }

    /** Lets the function handle what was added, and threads of its own emit. */
    public void run() {
        host.inTurn(() -> given.forEach(host::give));
        given.clear();
        settle();
    }

    /** The time on the function's clock. */
    public Instant now() {
        return clock.instant();
    }

    /** Sets the clock: no time passes, and no timer runs. */
    public void setClock(Instant time) {
        clock.set(time);
    }

    /** Lets time pass, and runs the timers that become due. */
    public void advance(Duration duration) {
        host.advance(duration.toNanos());
        host.readOn();
        settle();
    }

    /**
     * The function's state; empty if there is none.
     *
     * @throws StandInException if the function cannot give it
     */
    public byte[] snapshot() {
        byte[] snapshot = host.snapshot();
        if (host.error().isEmpty() && !thrown.isEmpty()) {
            String text = thrown.get(0).reason();
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

    /** Why points or batches have been skipped, or the handler replaced, since this was last asked. */
    public List<UdfDriver.Skip> skips() {
        List<UdfDriver.Skip> all = List.copyOf(skipped);
        skipped.clear();
        return all;
    }

    private UdfDriver.Skip skip(String text) {
        return new UdfDriver.Skip(text, host.pointsIn());
    }

    /** What the function has counted itself, by name. */
    public Map<String, Long> counters() {
        return host.counters();
    }

    /** How many values were not finite. */
    public long nonFinite() {
        return host.nonFinite();
    }

    /** How often the handler has been replaced after a failure. */
    public int restarts() {
        return host.restarts();
    }

    /** Takes the place of a thread that will never come back from a call of the handler: what was emitted until then is received. */
    public void abandonCall() {
        host.take();
    }

    /** Ends the input, and throws away what the handler still emits. */
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

    /** Separates skipped points from the error that ended the function, and returns the error. */
    private void settle() {
        Optional<String> error = host.error();
        for (UdfDriver.Skip next : thrown) {
            if (error.isEmpty() || !error.get().endsWith(next.reason())) {
                skipped.add(next);
            }
        }
        thrown.clear();
        if (error.isPresent() && !closing) {
            throw new StandInException("the function has failed: " + error.get());
        }
    }
}
