package org.kapacitorudf.testkit;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.kapacitorudf.Batch;
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
 * A handler of a {@link UdfDriver}, from its start to its end. It accepts requests in place of the agent's session, and
 * returns what the handler emits as protocol messages.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link StandInException} if Kapacitor could not accept the output, or if timers prevent time from
 * advancing.
 */
final class DriverConnection {
    private final DrivenHost host;
    private final ResponseRules rules = new ResponseRules(DriverConnection::refuse);
    private final Consumer<Response> data;

    /** @param data gets each begin, point and end */
    DriverConnection(DriverClock clock, Function<Output, HandlerHost> hosts, Consumer<Response> data) {
        this.data = data;
        this.host = new DrivenHost(clock, hosts, this::emitted);
    }

    /** Gives access to the handler for everything except messages. */
    DrivenHost host() {
        return host;
    }

    /** Passes data messages to the handler. */
    void send(List<Request> requests) {
        host.inTurn(() -> requests.forEach(request -> host.give(Requests.decode(request.toByteArray()))));
    }

    private void emitted(Object next) {
        if (next instanceof Point point) {
            take(response(point));
        } else {
            Batch batch = (Batch) next;
            take(Response.newBuilder().setBegin(begin(batch)).build());
            batch.points().forEach(point -> take(response(point)));
            take(Response.newBuilder().setEnd(end(batch)).build());
        }
    }

    private void take(Response response) {
        try {
            rules.take(response);
        } catch (DaemonDeath e) {
            throw new StandInException("protocol: kapacitord would crash: " + e.getMessage());
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
                .setTmax(batch.tmaxNanos())
                .putAllTags(batch.tags())
                .build();
    }

    private static void refuse(String warning) {
        throw new StandInException("protocol: " + warning);
    }
}
