package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.contract.FaultyUdf.Callback;
import org.kapacitorudf.contract.Misbehaviour.Harm;

/** Faults that affect a whole process. */
@Tag("slow")
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
final class ProcessFaultTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static Kapacitor spawn(String... args) throws IOException {
        return Kapacitor.builder()
                .timeout(LIMIT)
                .deadline(LIMIT)
                .spawn(TestJvm.command(FaultyUdf.class, List.of(args), "-Xmx64m"));
    }

    private static String init(Kapacitor kapacitor, Callback at, Enum<?> misdeed) {
        return kapacitor
                .init("task", "node2", Options.of("at", at.name()), Options.of("what", misdeed.name()))
                .getError();
    }

    private static void endsWith(int status, Kapacitor kapacitor) {
        assertThat(kapacitor.awaitEnd(LIMIT).exitStatus()).hasValue(status);
        assertThat(kapacitor.death()).isEmpty();
    }

    static Stream<Callback> whereExitsAreTried() {
        return Stream.of(Callback.values())
                .filter(at -> AgentContract.FULL
                        || at == Callback.create
                        || at == Callback.snapshot
                        || at == Callback.stop
                        || at == Callback.stopAfterFailure);
    }

    @ParameterizedTest
    @MethodSource("whereExitsAreTried")
    void aCallThatExitsTheJvmEndsItsTaskWithAnErrorThatSaysSoAndTheProcessAtOnce(Callback at) throws Exception {
        try (Kapacitor kapacitor = spawn(at.isOfBatches() ? "batch" : "stream")) {
            String error = init(kapacitor, at, Harm.EXITS);
            if (at != Callback.create) {
                if (at == Callback.restore) {
                    error = kapacitor.restore(ByteString.copyFromUtf8("none")).getError();
                } else {
                    HandlerFaultContract.provoke(kapacitor, at.isOfBatches() ? "batch" : "stream", at);
                    if (at == Callback.snapshot) {
                        assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
                    }
                    error = kapacitor.awaitTaskError();
                }
            }
            assertThat(error)
                    .contains(
                            at == Callback.stopAfterFailure
                                    ? "failed before"
                                    : at.method() + ": System.exit (expected: an exception)");
            endsWith(Harm.EXIT_STATUS, kapacitor);
        }
    }

    @Test
    void aFunctionThatExitsWhenItIsDescribedEndsTheProcess() throws IOException {
        try (Kapacitor kapacitor = spawn("stream", "exiting")) {
            endsWith(Harm.EXIT_STATUS, kapacitor);
        }
    }

    @Test
    void ofAJvmThatIsHaltedKapacitorSeesTheEndOfTheOutput() throws IOException {
        try (Kapacitor kapacitor = spawn("stream")) {
            assertThat(init(kapacitor, Callback.point, Harm.HALTS)).isEmpty();
            HandlerFaultContract.provoke(kapacitor, "stream", Callback.point);
            endsWith(Harm.EXIT_STATUS, kapacitor);
        }
    }

    @Test
    void aHandlerThatUsesUpTheMemoryEndsItsTask() throws IOException {
        try (Kapacitor kapacitor = spawn("stream")) {
            assertThat(init(kapacitor, Callback.point, Harm.RUNS_OUT_OF_MEMORY)).isEmpty();
            HandlerFaultContract.provoke(kapacitor, "stream", Callback.point);
            assertThat(kapacitor.awaitTaskError()).contains("point: java.lang.OutOfMemoryError: Java heap space");
            endsWith(10, kapacitor);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"TAKES_.*", "CLOSES_.*", "SETS_.*"})
    void theProtocolIsOutOfReach(Harm harm) throws IOException {
        try (Kapacitor kapacitor = spawn("stream")) {
            assertThat(init(kapacitor, Callback.point, harm)).isEmpty();
            for (int i = 0; i < 3; i++) {
                HandlerFaultContract.provoke(kapacitor, "stream", Callback.point);
            }
            kapacitor.closeInput();
            endsWith(0, kapacitor);
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(kapacitor.points().stream()
                            .filter(point -> point.getName().equals("m")))
                    .hasSize(3);
        }
    }

    /** Kapacitor would wait until its STDERR is closed. */
    @Test
    void aSignalEndsWhatAHandlerHasStartedToo() throws IOException {
        try (Kapacitor kapacitor = spawn("stream")) {
            assertThat(init(kapacitor, Callback.create, Harm.LEAVES_A_CHILD)).isEmpty();
            kapacitor.process().orElseThrow().destroy();
            kapacitor.awaitEnd(LIMIT);
        }
    }
}
