package org.kapacitorudf.testkit;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.client.DaemonDeath;
import org.kapacitorudf.client.ResponseRules;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * One handler of a {@link UdfDriver}, from its start to its end: takes requests in the place of the agent's session, and
 * gives what the handler emits as Kapacitor's messages.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link StandInException} for output that Kapacitor could not take, and for timers that hold up time.
 */
final class DriverConnection {
    /** Wake-ups for one instant: a handler that sets a timer for now whenever one runs does not get any further. */
    private static final int MAX_WAKE_UPS_AT_ONCE = 100_000;

    private final DriverClock clock;
    private final HandlerHost host;
    private final Queue<Object> emitted = new ConcurrentLinkedQueue<>();
    private final ResponseRules rules = new ResponseRules(DriverConnection::refuse);
    private final Consumer<Response> data;
    private boolean inputEnded;

    /** @param data given each begin, point and end that comes */
    DriverConnection(DriverClock clock, Function<Output, HandlerHost> hosts, Consumer<Response> data) {
        this.clock = clock;
        this.data = data;
        this.host = hosts.apply(new Collector());
    }

    /** Takes what a call emits, as it is. */
    private final class Collector implements Output {
        @Override
        public void point(Point point) {
            emitted.add(point);
        }

        @Override
        public void batch(Batch batch) {
            emitted.add(batch);
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    /** Makes the handler; gives the error if that fails. */
    Optional<String> start() {
        Optional<String> error = host.start();
        readOn();
        return error;
    }

    Optional<String> restore(byte[] snapshot) {
        Optional<String> error = host.restore(snapshot);
        readOn();
        return error;
    }

    byte[] snapshot() {
        byte[] snapshot = host.snapshot();
        readOn();
        return snapshot;
    }

    /** Gives the handler some messages of data. */
    void send(List<Request> requests) {
        host.inTurn(() -> requests.forEach(this::send));
        readOn();
    }

    private void send(Request request) {
        if (error().isPresent()) {
            return; // as Kapacitor, which does not know of the error yet
        }
        Object message = Requests.decode(request.toByteArray());
        if (message instanceof Point point) {
            host.point(point);
        } else if (message instanceof BatchBegin begin) {
            host.beginBatch(begin);
        } else {
            host.endBatch((BatchEnd) message);
        }
    }

    /** Lets time pass, and runs what becomes due, each at its time. */
    void advance(long nanos) {
        long end = clock.nanos() + nanos;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= end) {
            clock.moveTo(host.wakeAtNanos().getAsLong());
            readOn();
        }
        clock.moveTo(end);
    }

    /** Ends the handler's input, and with it the handler. */
    void endInput() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        if (host.isRunning()) {
            host.endOfInput();
        }
        host.drain();
        take();
    }

    /** Runs the timers that are due, and takes what has been emitted, also by threads of the handler's own. */
    void readOn() {
        host.drain();
        int count = 0;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= clock.nanos()) {
            if (++count > MAX_WAKE_UPS_AT_ONCE) {
                throw new StandInException("time: more than " + MAX_WAKE_UPS_AT_ONCE + " timers at " + clock.instant()
                        + " (expected: fewer, because time does not get any further)");
            }
            host.wake();
        }
        take();
    }

    /** Takes what has been emitted until now. */
    void take() {
        Object next;
        while ((next = emitted.poll()) != null) {
            if (next instanceof Point point) {
                take(response(point));
            } else {
                Batch batch = (Batch) next;
                take(Response.newBuilder().setBegin(begin(batch)).build());
                batch.points().forEach(point -> take(response(point)));
                take(Response.newBuilder().setEnd(end(batch)).build());
            }
        }
    }

    private void take(Response response) {
        try {
            rules.take(response);
        } catch (DaemonDeath e) {
            throw new StandInException("protocol: kapacitord would die: " + e.getMessage());
        }
        data.accept(response);
    }

    private static Response response(Point point) {
        try {
            return Response.newBuilder()
                    .setPoint(org.kapacitorudf.proto.Point.parseFrom(point.encoded()))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new StandInException("protocol: a response is malformed: " + e.getMessage());
        }
    }

    private static BeginBatch begin(Batch batch) {
        return BeginBatch.newBuilder()
                .setName(batch.name())
                .setGroup(batch.group())
                .putAllTags(batch.tags())
                .setSize(batch.points().size())
                .setByName(batch.byName())
                .build();
    }

    private static EndBatch end(Batch batch) {
        return EndBatch.newBuilder()
                .setName(batch.name())
                .setGroup(batch.group())
                .setTmax(batch.tmax())
                .putAllTags(batch.tags())
                .build();
    }

    private static void refuse(String warning) {
        throw new StandInException("protocol: " + warning);
    }

    /** How many points the handler has been given. */
    long pointsIn() {
        return host.counts().pointsIn();
    }

    /** The function's own counts, by name. */
    Map<String, Long> counters() {
        return host.counters();
    }

    /** How often the handler has been replaced. */
    int restarts() {
        return host.counts().restarts();
    }

    /** How many values were not finite. */
    long nonFinite() {
        return host.nonFinite();
    }

    /** What ended the task. */
    Optional<String> error() {
        return host.failure().map(HandlerHost.Failure::text);
    }
}
