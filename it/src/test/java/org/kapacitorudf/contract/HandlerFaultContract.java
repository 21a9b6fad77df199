package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.contract.FaultyUdf.Callback;
import org.kapacitorudf.contract.Misbehaviour.Habit;
import org.kapacitorudf.contract.Misbehaviour.Stuck;
import org.kapacitorudf.proto.Point;

/** What Kapacitor sees if a handler misbehaves in any callback. docs/failures.md has the table. */
interface HandlerFaultContract {
    FaultHost host();

    /** Like {@link #host}, with a short drain deadline. */
    FaultHost hastyHost();

    default Kapacitor open(String function) throws IOException {
        return open(host(), function);
    }

    private static Kapacitor open(FaultHost host, String function) throws IOException {
        return host.open(function, AgentContract.kapacitor());
    }

    /** A snapshot that the function accepts. */
    default ByteString snapshot(String function) throws IOException {
        try (Kapacitor kapacitor = open(function)) {
            kapacitor.init("task", "node2");
            sendWhatItTakes(kapacitor, function, "v=1");
            ByteString snapshot = kapacitor.snapshot();
            endsCleanly(kapacitor);
            assertThat(snapshot).isNotEqualTo(ByteString.EMPTY);
            return snapshot;
        }
    }

    static void sendWhatItTakes(Kapacitor kapacitor, String function, String fields) {
        Points points = Points.parse("m,host=a " + fields + " 1").groupBy("host");
        AgentContract.fatally(() -> {
            if (function.startsWith("batch")) {
                kapacitor.sendBatch(PointBatch.of("m", Map.of("host", "a"), false, 1, points.list()));
            } else {
                kapacitor.send(points);
            }
        });
    }

    private static void endsCleanly(Kapacitor kapacitor) {
        kapacitor.closeInput();
        kapacitor.awaitEnd();
        assertThat(kapacitor.problems()).isEmpty();
    }

    private Kapacitor initialised(String function, Callback at, String what) throws IOException {
        Kapacitor kapacitor = open(function);
        assertThat(init(kapacitor, at, what)).isEmpty();
        return kapacitor;
    }

    private static String init(Kapacitor kapacitor, Callback at, String what) {
        return kapacitor
                .init("task", "node2", Options.of("at", at.name()), Options.of("what", what))
                .getError();
    }

    /** Triggers the misbehaviour, and returns the error of the task. */
    private static String errorOf(FaultHost host, String function, Callback at, String what, ByteString snapshot)
            throws IOException {
        try (Kapacitor kapacitor = open(host, function)) {
            String error = init(kapacitor, at, what);
            if (at == Callback.restore) {
                error = kapacitor.restore(snapshot).getError();
            } else if (at != Callback.create) {
                assertThat(error).isEmpty();
                provoke(kapacitor, function, at);
                error = kapacitor.awaitTaskError();
            }
            if (at == Callback.create || at == Callback.restore) {
                // Kapacitor would not do this; the agent would then end by itself after its drain deadline.
                AgentContract.fatally(kapacitor::closeInput);
            }
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
            assertThat(kapacitor.warnings()).isEmpty();
            return error;
        }
    }

    static void provoke(Kapacitor kapacitor, String function, Callback at) {
        switch (at) {
            case stop -> kapacitor.closeInput();
            case onExpire ->
                AgentContract.sendFatal(
                        kapacitor, AgentContract.point("m,host=a v=1 1\nm,host=b v=1 2\nm,host=a v=1 3"));
            case stopAfterFailure -> sendWhatItTakes(kapacitor, function, "fail=1");
            default -> sendWhatItTakes(kapacitor, function, "strike=1");
        }
    }

    private static String function(Callback at, String suffix) {
        return (at.isOfBatches() ? "batch" : "stream") + suffix;
    }

    // ---- throws

    static Stream<Arguments> faultsInCallbacks() {
        return Stream.of(Callback.values())
                .filter(at -> at != Callback.snapshot)
                .flatMap(at -> Stream.of(Fault.values()).map(fault -> Arguments.of(at, fault)));
    }

    @ParameterizedTest
    @MethodSource("org.kapacitorudf.contract.HandlerFaultContract#faultsInCallbacks")
    default void whateverIsThrownWhereverItIsTheTaskEndsWithItsText(Callback at, Fault fault) throws IOException {
        String function = function(at, "");
        ByteString snapshot = at == Callback.restore ? snapshot(function) : ByteString.EMPTY;
        String error = errorOf(host(), function, at, fault.name(), snapshot);
        if (at == Callback.stopAfterFailure) {
            assertThat(error).endsWith("point: java.lang.IllegalStateException: failed before");
        } else if (at == Callback.create || at == Callback.restore) {
            assertThat(error).startsWith(function + ": ").contains(fault.text());
        } else {
            assertThat(error)
                    .startsWith(function + " (task task, node node2): " + at.method() + ": ")
                    .contains(fault.text());
        }
        assertThat(error).hasSizeLessThan(2_200);
    }

    static Stream<Fault> faults() {
        return Arrays.stream(Fault.values());
    }

    @ParameterizedTest
    @MethodSource("org.kapacitorudf.contract.HandlerFaultContract#faults")
    default void whateverASnapshotThrowsTheTaskLivesOnWithTheLastGoodOne(Fault fault) throws IOException {
        try (Kapacitor kapacitor = initialised("stream", Callback.snapshot, fault.name())) {
            sendWhatItTakes(kapacitor, "stream", "v=1");
            assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
            sendWhatItTakes(kapacitor, "stream", "v=2");
            kapacitor.awaitReceived(2);
            endsCleanly(kapacitor);
        }
    }

    @ParameterizedTest
    @MethodSource("org.kapacitorudf.contract.HandlerFaultContract#faults")
    default void whateverIsThrownAHandlerThatMayGoOnDoes(Fault fault) throws IOException {
        for (String function : List.of("skipping", "restarting")) {
            try (Kapacitor kapacitor = initialised(function, Callback.point, fault.name())) {
                sendWhatItTakes(kapacitor, function, "strike=1");
                if (endsTheTask(fault, function)) {
                    assertThat(kapacitor.awaitTaskError()).contains(fault.text());
                    kapacitor.awaitEnd();
                } else {
                    sendWhatItTakes(kapacitor, function, "v=1");
                    kapacitor.awaitReceived(1);
                    endsCleanly(kapacitor);
                }
            }
        }
    }

    private static boolean endsTheTask(Fault fault, String function) {
        return switch (fault) {
            case OUT_OF_MEMORY, OUTPUT_CLOSED -> true;
            case STACK_OVERFLOW, ASSERTION, NO_CLASS -> function.equals("skipping");
            default -> false;
        };
    }

    // ---- does not return

    @Test
    default void aCallThatNeverComesBackEndsItsTaskInEveryCallbackAndIsCountedIfItIsDeaf() throws Exception {
        snapshot("stream"); // loads the classes for the first handler
        ByteString snapshot = snapshot(function(Callback.restore, "OfLimitedCalls"));
        ExecutorService sideBySide = Executors.newCachedThreadPool();
        try {
            List<Future<?>> conversations = new ArrayList<>();
            for (Callback at : Callback.values()) {
                for (Stuck stuck : Stuck.values()) {
                    conversations.add(sideBySide.submit(() -> {
                        isEndedInTime(at, stuck, snapshot);
                        return null;
                    }));
                }
            }
            for (Future<?> conversation : conversations) {
                conversation.get();
            }
            Eventually.equal("abandoned calls", this::abandonedCalls, Callback.values().length);
        } finally {
            Stuck.letGo();
            Eventually.equal("abandoned calls", this::abandonedCalls, 0);
            sideBySide.shutdownNow();
        }
    }

    private int abandonedCalls() {
        return host().abandonedCalls() + hastyHost().abandonedCalls();
    }

    private void isEndedInTime(Callback at, Stuck stuck, ByteString snapshot) throws IOException {
        String function = function(at, "OfLimitedCalls");
        if (at == Callback.snapshot) {
            try (Kapacitor kapacitor = initialised(function, at, stuck.name())) {
                sendWhatItTakes(kapacitor, function, "v=1");
                assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
                assertThat(kapacitor.awaitTaskError()).contains("snapshot did not return within 6.0 s");
                kapacitor.awaitEnd();
            }
            return;
        }
        // After the end of the input and after a failure, the drain deadline ends a call.
        FaultHost host = at == Callback.stop || at == Callback.stopAfterFailure ? hastyHost() : host();
        assertThat(errorOf(host, function, at, stuck.name(), snapshot))
                .contains(
                        switch (at) {
                            case stopAfterFailure -> "point: java.lang.IllegalStateException: failed before";
                            case stop -> "stop did not end within 2.0 s of the end of the input";
                            default -> at.method() + " did not return within 6.0 s";
                        });
    }

    // ---- returns, but

    static Stream<Arguments> habitsInCallbacks() {
        return Stream.of(Callback.values())
                .filter(at -> at != Callback.stopAfterFailure)
                .flatMap(at -> Stream.of(Habit.values()).map(habit -> Arguments.of(at, habit)));
    }

    @ParameterizedTest
    @MethodSource("org.kapacitorudf.contract.HandlerFaultContract#habitsInCallbacks")
    default void badHabitsDoNotAffectOthers(Callback at, Habit habit) throws IOException {
        String function = function(at, "");
        ByteString snapshot = snapshot(function);
        try (Kapacitor kapacitor = open(function)) {
            init(kapacitor, at, habit.name());
            assertThat(kapacitor.restore(snapshot).getError()).isEmpty();
            for (int round = 0; round < 3; round++) {
                sendWhatItTakes(kapacitor, function, "strike=1");
                assertThat(kapacitor.snapshot()).isNotEqualTo(ByteString.EMPTY);
            }
            if (at == Callback.onExpire) {
                provoke(kapacitor, function, at);
            }
            endsCleanly(kapacitor);
            assertThat(kapacitor.points().stream()
                            .filter(point -> point.getName().equals("m")))
                    .as("points")
                    .hasSize(at == Callback.onExpire ? 6 : 3);
        }
        Eventually.equal(
                "threads that have been changed",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .filter(Habit::isMarked)
                        .toList(),
                List.of());
    }

    @Test
    default void whatASnapshotEmitsArrives() throws IOException {
        try (Kapacitor kapacitor = initialised("stream", Callback.snapshot, Habit.LEAVES_A_THREAD_THAT_EMITS.name())) {
            sendWhatItTakes(kapacitor, "stream", "v=1");
            kapacitor.snapshot();
            kapacitor.awaitReceived(10);
            endsCleanly(kapacitor);
            assertThat(kapacitor.points()).extracting(Point::getName).contains("ghost");
        }
    }
}
