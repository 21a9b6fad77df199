package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.internal.host.HandlerCounts;
import org.kapacitorudf.internal.host.HostContract;
import org.kapacitorudf.internal.host.Snapshots;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.output.HeldChannel;
import org.kapacitorudf.internal.wire.BatchMessages;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.SnapshotRequest;
import org.kapacitorudf.proto.ValueType;

/** A function hosted by a session, with encoded requests and output. */
@Tag("jvm")
@Timeout(600)
final class SessionHostTest implements HostContract {
    @Override
    public Hosted host(Udf udf, AgentConfig config, List<GivenOption> options) {
        try {
            return new Connected(udf, config, options);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Connected implements Hosted {
        private final HeldChannel channel = new HeldChannel(true);
        private final InitRequest init;
        private Session session;

        Connected(Udf udf, AgentConfig config, List<GivenOption> options) throws Exception {
            AgentRuntime runtime = AgentRuntime.of(config);
            channel.runOnLoop(() -> session = runtime.install(channel.channel(), UdfFunction.of(udf)));
            init = InitRequest.newBuilder()
                    .setTaskID("task")
                    .setNodeID("node2")
                    .addAllOptions(options.stream().map(Connected::option).toList())
                    .build();
        }

        /** Integers are sufficient for these cases. */
        private static Option option(GivenOption given) {
            Option.Builder option = Option.newBuilder().setName(given.name());
            given.arguments()
                    .forEach(value -> option.addValues(
                            OptionValue.newBuilder().setType(ValueType.INT).setIntValue((Long) value)));
            return option.build();
        }

        private void send(List<Request> requests) {
            ByteBuf bytes = Unpooled.buffer();
            try (var out = new io.netty.buffer.ByteBufOutputStream(bytes)) {
                for (Request request : requests) {
                    request.writeDelimitedTo(out);
                }
                channel.runOnLoop(() -> {
                    channel.channel().pipeline().fireChannelRead(bytes);
                    channel.channel().pipeline().fireChannelReadComplete();
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private List<Response> responses() {
            try {
                return channel.responses();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private Stream<Response> responses(MessageCase kind) {
            return responses().stream().filter(response -> response.getMessageCase() == kind);
        }

        /** Sends a request; returns the answer, or the default one if the task has ended without an answer. */
        private Response ask(Request request, MessageCase kind) {
            long before = responses(kind).count();
            send(List.of(request));
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
            while (responses(kind).count() == before) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.onSpinWait();
            }
            return responses(kind).skip(before).findFirst().orElseThrow();
        }

        @Override
        public String start() {
            return ask(Request.newBuilder().setInit(init).build(), MessageCase.INIT)
                    .getInit()
                    .getError();
        }

        @Override
        public String restore(byte[] snapshot) {
            RestoreRequest restore = RestoreRequest.newBuilder()
                    .setSnapshot(ByteString.copyFrom(snapshot))
                    .build();
            return ask(Request.newBuilder().setRestore(restore).build(), MessageCase.RESTORE)
                    .getRestore()
                    .getError();
        }

        @Override
        public void give(Object... data) {
            List<Request> requests = new ArrayList<>();
            for (Object next : data) {
                requests.add(request(next));
            }
            send(requests);
            askForSnapshot(); // answered when the data has been handled
        }

        private static Request request(Object data) {
            try {
                if (data instanceof Point point) {
                    return Request.newBuilder()
                            .setPoint(org.kapacitorudf.proto.Point.parseFrom(point.encoded()))
                            .build();
                }
                if (data instanceof BatchBegin begin) {
                    byte[] bytes = BatchMessages.begin(
                            begin.name(), begin.group(), begin.tags(), (int) begin.size(), begin.byName());
                    return Request.newBuilder()
                            .setBegin(BeginBatch.parseFrom(bytes))
                            .build();
                }
                BatchEnd end = (BatchEnd) data;
                byte[] bytes = BatchMessages.end(end.name(), end.group(), end.tmaxNanos(), end.tags());
                return Request.newBuilder().setEnd(EndBatch.parseFrom(bytes)).build();
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        private byte[] askForSnapshot() {
            Request request = Request.newBuilder()
                    .setSnapshot(SnapshotRequest.getDefaultInstance())
                    .build();
            return ask(request, MessageCase.SNAPSHOT)
                    .getSnapshot()
                    .getSnapshot()
                    .toByteArray();
        }

        @Override
        public byte[] snapshot() {
            return askForSnapshot();
        }

        @Override
        public List<String> out() {
            List<String> out = new ArrayList<>();
            List<String> ofBatch = null;
            for (Response response : responses()) {
                switch (response.getMessageCase()) {
                    case BEGIN -> ofBatch = new ArrayList<>();
                    case POINT -> {
                        byte[] bytes = response.getPoint().toByteArray();
                        (ofBatch == null ? out : ofBatch)
                                .add(Point.decode(bytes).toString());
                    }
                    case END -> {
                        EndBatch end = response.getEnd();
                        out.add(end.getName() + " " + end.getGroup() + " " + end.getTagsMap() + " until "
                                + end.getTmax() + ": " + ofBatch);
                        ofBatch = null;
                    }
                    default -> {}
                }
            }
            return out;
        }

        @Override
        public String error() {
            return responses(MessageCase.ERROR)
                    .map(response -> response.getError().getError())
                    .findFirst()
                    .orElse("");
        }

        @Override
        public HandlerCounts counts() {
            Connection.Counts counts = session.view().counts();
            return new HandlerCounts(
                    counts.pointsIn(),
                    counts.batchesIn(),
                    counts.skipped(),
                    session.restarts(),
                    session.groups(),
                    new Snapshots.Made(counts.snapshots(), 0, Instant.EPOCH, 0, 0),
                    counts.failedSnapshots());
        }

        @Override
        public void close() {
            try {
                channel.runOnLoop(() -> channel.channel().pipeline().fireChannelInactive());
                channel.fail();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            channel.close();
        }
    }
}
