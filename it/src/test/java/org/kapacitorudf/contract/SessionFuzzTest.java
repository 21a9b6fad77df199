package org.kapacitorudf.contract;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.codec.ControlRequest;
import org.kapacitorudf.internal.codec.Requests;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.SnapshotRequest;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any bytes as a session: the output consists of complete frames that the generated class reads and that do not crash
 * Kapacitor, each readable request is answered once, and the output ends after the input.
 *
 * <pre>
 *   function | size of the pieces | how it ends | Kapacitor's output
 * </pre>
 */
class SessionFuzzTest {
    private static final int MAX_FRAME_BYTES = 2000;
    private static final AgentConfig CONFIG = AgentConfig.builder()
            .maxFrameBytes(MAX_FRAME_BYTES)
            .maxBatchBytes(1024)
            .maxCollectedBatchBytes(1024)
            .maxSnapshotBytes(1024)
            .maxOptionBytes(20)
            .maxRestarts(2)
            .build();

    private static final Option<String> NAME = Option.string("name").orElse("value");

    private static final List<UdfFunction> FUNCTIONS = List.of(
            function(Description.stream("echo", "").options(NAME), context -> (point, output) -> output.point(point)),
            function(Description.batch("batches", ""), context -> Handlers.batches(context, batch -> batch)),
            function(Description.stream("counter", "").options(NAME), SessionFuzzTest::counter),
            function(Description.stream("failing", ""), SessionFuzzTest::fragile),
            function(Description.stream("fragile", "").onError(FailurePolicy.RESTART), SessionFuzzTest::fragile),
            function(Description.stream("skipping", "").onError(FailurePolicy.SKIP), SessionFuzzTest::fragile),
            function(Description.of("gather", "", EdgeType.STREAM, EdgeType.BATCH), SessionFuzzTest::gathering),
            function(
                    Description.of("spread", "", EdgeType.BATCH, EdgeType.STREAM),
                    context -> (point, output) -> output.point(point.withName("p"))));

    private static UdfFunction function(Description description, Function<Context, Handler> making) {
        return UdfFunction.of(new Udf() {
            @Override
            public Description describe() {
                return description;
            }

            @Override
            public Handler create(Context context) {
                return making.apply(context);
            }
        });
    }

    private static final class Counter {
        private long count;
    }

    private static Handler counter(Context context) {
        GroupState<Counter> counters = context.groupState("count", Counter.class, Counter::new);
        String name = context.option(NAME);
        return (point, output) -> {
            Counter counter = counters.of(point.group());
            counter.count++;
            output.point(
                    point.withField("n", counter.count).withTag("name", name).withField(name, point.doubleField(name)));
        };
    }

    private static Handler fragile(Context context) {
        return new Handler() {
            @Override
            public void point(Point point, Output output) {
                output.point(point);
                if (point.timeNanos() % 2 != 0) {
                    throw new UdfException("odd: " + point);
                }
            }

            @Override
            public byte[] snapshot(Output output) {
                return new byte[] {1, 2, 3};
            }

            @Override
            public void restore(byte[] snapshot, Output output) {
                if (snapshot.length != 3) {
                    throw new UdfException("snapshot: " + snapshot.length + " bytes (expected: 3)");
                }
            }

            @Override
            public void stop(Output output) {
                output.point(Point.of("stopped", 0));
            }
        };
    }

    private static Handler gathering(Context context) {
        return new Handler() {
            private final List<Point> gathered = new ArrayList<>();

            @Override
            public void point(Point point, Output output) {
                gathered.add(point);
                if (gathered.size() == 2) {
                    send(output);
                }
            }

            private void send(Output output) {
                Point last = gathered.get(gathered.size() - 1);
                List<Point> points = List.copyOf(gathered);
                gathered.clear();
                output.batch(Batch.of(
                        new BatchBegin(last.name(), last.group(), last.tags(), 0, last.byName()),
                        points,
                        new BatchEnd(last.name(), last.group(), last.timeNanos(), last.tags())));
            }

            @Override
            public void stop(Output output) {
                if (!gathered.isEmpty()) {
                    send(output);
                }
            }
        };
    }

    @MethodSource("seeds")
    @FuzzTest
    void kapacitorSurvivesAndGetsEachAnswerOnce(byte[] input) {
        Reading reading = new Reading(input);
        UdfFunction function = FUNCTIONS.get(reading.below(FUNCTIONS.size()));
        int pieceBytes = 1 + 4 * reading.next();
        boolean breaksOff = reading.below(8) == 7;
        byte[] said = reading.rest();
        RawConnection connection = new RawConnection(function, CONFIG);
        for (int from = 0; from < said.length; from += pieceBytes) {
            connection.give(Arrays.copyOfRange(said, from, Math.min(said.length, from + pieceBytes)));
        }
        if (breaksOff) {
            connection.breakOff();
        } else {
            connection.endInput();
            Claim.same(asked(said), answered(connection.responses()), "answers");
        }
        Claim.that(connection.isOver(), "the connection goes on after its input has ended");
    }

    /** The number of requests of each kind that need an answer, before the first unreadable one. */
    private static Map<MessageCase, Integer> asked(byte[] said) {
        Map<MessageCase, Integer> asked = new EnumMap<>(MessageCase.class);
        CodedInputStream in = CodedInputStream.newInstance(said);
        try {
            while (!in.isAtEnd()) {
                int length = in.readRawVarint32();
                if (length < 0 || length > MAX_FRAME_BYTES) {
                    return asked;
                }
                Object request = Requests.decode(in.readRawBytes(length));
                if (request instanceof ControlRequest control && kind(control) != null) {
                    asked.merge(kind(control), 1, Integer::sum);
                }
            }
        } catch (IOException | MalformedMessageException e) {
            return asked;
        }
        return asked;
    }

    private static MessageCase kind(ControlRequest request) {
        if (request instanceof ControlRequest.Info) {
            return MessageCase.INFO;
        }
        if (request instanceof ControlRequest.Init) {
            return MessageCase.INIT;
        }
        if (request instanceof ControlRequest.Snapshot) {
            return MessageCase.SNAPSHOT;
        }
        if (request instanceof ControlRequest.Restore) {
            return MessageCase.RESTORE;
        }
        return null;
    }

    private static Map<MessageCase, Integer> answered(List<Response> responses) {
        Map<MessageCase, Integer> answered = new EnumMap<>(MessageCase.class);
        int errors = 0;
        for (Response response : responses) {
            switch (response.getMessageCase()) {
                case INFO, INIT, SNAPSHOT, RESTORE -> answered.merge(response.getMessageCase(), 1, Integer::sum);
                case ERROR -> errors++;
                default -> Claim.that(errors == 0 || response.hasKeepalive(), "data after an error");
            }
        }
        Claim.that(errors <= 1, "errors: " + errors + " (expected: at most 1)");
        return answered;
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        byte[] init = Seeds.framed(Request.newBuilder()
                .setInit(InitRequest.newBuilder().setTaskID("t").setNodeID("n"))
                .build()
                .toByteArray());
        byte[] snapshot = Seeds.framed(Request.newBuilder()
                .setSnapshot(SnapshotRequest.getDefaultInstance())
                .build()
                .toByteArray());
        ByteArrayOutputStream talk = new ByteArrayOutputStream();
        talk.writeBytes(init);
        for (byte[] point : points()) {
            talk.writeBytes(point);
            talk.writeBytes(snapshot);
        }
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        batch.writeBytes(init);
        batch.writeBytes(Seeds.framed(Seeds.batch().get(0)));
        points().forEach(batch::writeBytes);
        batch.writeBytes(Seeds.framed(Request.newBuilder()
                .setPoint(org.kapacitorudf.proto.Point.newBuilder()
                        .setGroup("another")
                        .putFieldsDouble("value", 1))
                .build()
                .toByteArray()));
        batch.writeBytes(Seeds.framed(Seeds.batch().get(1)));
        for (int function = 0; function < FUNCTIONS.size(); function++) {
            seeds.add(Seeds.with(talk.toByteArray(), function, 255, 0));
            seeds.add(Seeds.with(batch.toByteArray(), function, 255, 0));
        }
        talk.writeBytes(Seeds.framed(Request.newBuilder()
                .setPoint(org.kapacitorudf.proto.Point.newBuilder()
                        .putFieldsDouble("value", 1)
                        .putFieldsInt("value", 1))
                .build()
                .toByteArray()));
        seeds.add(Seeds.with(talk.toByteArray(), 0, 255, 0));
        for (byte[] beginning : Seeds.conversations(1, 3, 6)) {
            seeds.add(Seeds.with(beginning, seeds.size() % FUNCTIONS.size(), seeds.size(), seeds.size()));
        }
        return seeds;
    }

    private static List<byte[]> points() {
        List<byte[]> points = new ArrayList<>();
        for (long time = 4; time > 1; time--) {
            points.add(Seeds.framed(Request.newBuilder()
                    .setPoint(org.kapacitorudf.proto.Point.newBuilder()
                            .setTime(time)
                            .setName("cpu")
                            .putTags("host", "a")
                            .putFieldsDouble("value", time))
                    .build()
                    .toByteArray()));
        }
        return points;
    }
}
