package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.SnapshotRequest;

/** A connection may be cut anywhere, in either direction: nothing of it remains, and others are not affected. */
@Tag("slow")
interface WireFaultContract extends HandlerFaultContract {
    /** The distance between the tested bytes of a session. */
    int step();

    /** All kinds of requests, each answered or returned once. */
    private static List<Request> conversation(String function, ByteString snapshot) {
        List<Request> requests = new ArrayList<>();
        requests.add(
                Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build());
        requests.add(Request.newBuilder()
                .setInit(InitRequest.newBuilder().setTaskID("task").setNodeID("node2"))
                .build());
        requests.add(Request.newBuilder()
                .setRestore(RestoreRequest.newBuilder().setSnapshot(snapshot))
                .build());
        Points points = Points.parse("m,host=a v=1 1\nm,host=a v=2 2").groupBy("host");
        for (int round = 0; round < 2; round++) {
            if (function.startsWith("batch")) {
                requests.addAll(PointBatch.of("m", Map.of("host", "a"), false, 2, points.list())
                        .requests());
            } else {
                points.list().forEach(point -> requests.add(Frames.request(point)));
            }
            requests.add(Request.newBuilder()
                    .setSnapshot(SnapshotRequest.getDefaultInstance())
                    .build());
            requests.add(Request.newBuilder()
                    .setKeepalive(KeepaliveRequest.newBuilder().setTime(round + 1))
                    .build());
        }
        return requests;
    }

    private List<Request> conversation(String function) throws IOException {
        try (Kapacitor kapacitor = open(function)) {
            kapacitor.init("task", "node2");
            HandlerFaultContract.sendWhatItTakes(kapacitor, function, "v=1");
            return conversation(function, kapacitor.snapshot());
        }
    }

    /** The responses to this many requests; keepalives also arrive unrequested. */
    private static Map<MessageCase, Integer> answers(List<Request> requests, int count) {
        Map<MessageCase, Integer> answers = new EnumMap<>(MessageCase.class);
        for (Request request : requests.subList(0, count)) {
            switch (request.getMessageCase()) {
                case INFO -> answers.merge(MessageCase.INFO, 1, Integer::sum);
                case INIT -> answers.merge(MessageCase.INIT, 1, Integer::sum);
                case RESTORE -> answers.merge(MessageCase.RESTORE, 1, Integer::sum);
                case SNAPSHOT -> answers.merge(MessageCase.SNAPSHOT, 1, Integer::sum);
                case POINT -> answers.merge(MessageCase.POINT, 1, Integer::sum);
                default -> {}
            }
        }
        return answers;
    }

    private static Map<MessageCase, Integer> kinds(byte[] output) {
        Map<MessageCase, Integer> kinds = new EnumMap<>(MessageCase.class);
        for (Response response : Frames.responses(output)) {
            if (!response.hasKeepalive()) {
                kinds.merge(response.getMessageCase(), 1, Integer::sum);
            }
        }
        return kinds;
    }

    private static byte[] readToTheEnd(FaultHost.Ends ends) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (ends.fromAgent().read(buffer) >= 0) {
            read.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return read.toByteArray();
    }

    private static boolean write(FaultHost.Ends ends, byte[] bytes, int from, int to) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, to - from);
            while (buffer.hasRemaining()) {
                ends.toAgent().write(buffer);
            }
            return true;
        } catch (IOException e) {
            return false; // the agent has already detected it
        }
    }

    /** Runs with an unaffected connection, and checks the number of connections at the end. */
    private void whileAnotherConnectionGoesOn(Cutting cutting) throws Exception {
        Eventually.equal("connections before", host()::connections, 0);
        try (Kapacitor witness = open("stream")) {
            assertThat(witness.init("task", "witness").getError()).isEmpty();
            HandlerFaultContract.sendWhatItTakes(witness, "stream", "v=1");
            witness.awaitReceived(1);
            cutting.run();
            Eventually.equal("connections", host()::connections, 1);
            HandlerFaultContract.sendWhatItTakes(witness, "stream", "v=2");
            witness.awaitReceived(2);
            witness.closeInput();
            witness.awaitEnd();
            assertThat(witness.problems()).isEmpty();
        }
        Eventually.equal("connections after", host()::connections, 0);
        assertThat(host().abandonedCalls()).isZero();
    }

    interface Cutting {
        void run() throws Exception;
    }

    private static Stream<Integer> places(int bytes, int step) {
        return IntStream.range(0, bytes).filter(at -> at % step == 0).boxed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch"})
    default void whereverTheInputEndsAllThatWasCompleteIsAnsweredAndTheOutputEnds(String function) throws Exception {
        List<Request> requests = conversation(function);
        byte[] input = Frames.encodeAll(requests);
        whileAnotherConnectionGoesOn(() -> {
            for (int end : places(input.length + 1, step()).toList()) {
                try (FaultHost.Ends ends = host().dial(function)) {
                    assertThat(write(ends, input, 0, end)).isTrue();
                    ends.endInput().close();
                    assertThat(kinds(readToTheEnd(ends)))
                            .as("the input ended at byte %s", end)
                            .isEqualTo(answers(requests, complete(requests, end)));
                }
            }
        });
    }

    /** The number of complete requests in a prefix of the input. */
    private static int complete(List<Request> requests, int bytes) {
        int left = bytes;
        int count = 0;
        for (Request request : requests) {
            left -= Frames.encode(request).length;
            if (left < 0) {
                break;
            }
            count++;
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch"})
    default void whereverBothDirectionsAreCutNothingIsLeft(String function) throws Exception {
        byte[] input = Frames.encodeAll(conversation(function));
        whileAnotherConnectionGoesOn(() -> {
            for (int end : places(input.length + 1, step()).toList()) {
                try (FaultHost.Ends ends = host().dial(function)) {
                    write(ends, input, 0, end);
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch"})
    default void whereverTheReaderGoesAwayNothingIsLeft(String function) throws Exception {
        byte[] input = Frames.encodeAll(conversation(function));
        int output = output(function, input);
        whileAnotherConnectionGoesOn(() -> {
            for (int end : places(output, step()).toList()) {
                try (FaultHost.Ends ends = host().dial(function)) {
                    write(ends, input, 0, input.length);
                    read(ends, end);
                    ends.stopReading().close();
                    ends.endInput().close();
                }
            }
        });
    }

    /** Much more than the buffers hold, so that the agent is in the middle of a write. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 4_095, 65_536, 65_537, 300_000})
    default void aReaderThatGoesAwayWhileMuchWaitsForItLeavesNothing(int bytes) throws Exception {
        List<Request> requests = new ArrayList<>(conversation("stream").subList(0, 2));
        AgentContract.sequence(100).forEach(point -> requests.add(Frames.request(point)));
        byte[] input = Frames.encodeAll(requests);
        whileAnotherConnectionGoesOn(() -> {
            try (FaultHost.Ends ends = host().dial(TestUdf.amplifier.name())) {
                write(ends, input, 0, input.length);
                Eventually.equal("connections", host()::connections, 2);
                read(ends, bytes);
                ends.stopReading().close();
                ends.endInput().close();
                Eventually.equal("connections", host()::connections, 1);
            }
        });
    }

    private static void read(FaultHost.Ends ends, int bytes) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(bytes);
        while (read.hasRemaining()) {
            assertThat(ends.fromAgent().read(read)).isPositive();
        }
    }

    /** The minimum size of the output in each session, without keepalives that are sent because the agent is slow. */
    private int output(String function, byte[] input) throws IOException {
        try (FaultHost.Ends ends = host().dial(function)) {
            write(ends, input, 0, input.length);
            ends.endInput().close();
            return Frames.responses(readToTheEnd(ends)).stream()
                    .filter(response -> !response.hasKeepalive())
                    .mapToInt(response -> Frames.encode(response).length)
                    .sum();
        }
    }
}
