package org.kapacitorudf.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.FailurePolicy;

final class AgentConfigTest {
    private static final AgentConfig DEFAULTS = AgentConfig.defaults();
    private static final Duration YEAR = Duration.ofDays(365);

    static Stream<Map.Entry<String, Function<Integer, AgentConfig>>> sizes() {
        return Map.<String, Function<Integer, AgentConfig>>of(
                "maxFrameBytes", DEFAULTS::withMaxFrameBytes,
                "readAheadBytes", DEFAULTS::withReadAheadBytes,
                "outputBufferBytes", DEFAULTS::withOutputBufferBytes,
                "maxBatchBytes", DEFAULTS::withMaxBatchBytes,
                "maxCollectedBatchBytes", DEFAULTS::withMaxCollectedBatchBytes)
                .entrySet()
                .stream();
    }

    static Stream<Map.Entry<String, Function<Duration, AgentConfig>>> durations() {
        return Map.<String, Function<Duration, AgentConfig>>of(
                "callLimit", DEFAULTS::withCallLimit,
                "warnCallAfter", DEFAULTS::withWarnCallAfter,
                "drainDeadline", DEFAULTS::withDrainDeadline,
                "writeStallLimit", DEFAULTS::withWriteStallLimit,
                "keepaliveInterval", DEFAULTS::withKeepaliveInterval,
                "restartInterval", DEFAULTS::withRestartInterval,
                "maxEventTimeAhead", DEFAULTS::withMaxEventTimeAhead)
                .entrySet()
                .stream();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void aSizeIsFromOneKibibyteToOneGibibyte(Map.Entry<String, Function<Integer, AgentConfig>> size) {
        size.getValue().apply(1024);
        size.getValue().apply(1 << 30);
        assertThatThrownBy(() -> size.getValue().apply(1023))
                .hasMessage(size.getKey() + ": 1023 (expected: 1024 to 1073741824)");
        assertThatThrownBy(() -> size.getValue().apply((1 << 30) + 1)).hasMessageStartingWith(size.getKey());
    }

    @ParameterizedTest
    @MethodSource("durations")
    void aDurationIsMoreThanNothingAndAtMostAYear(Map.Entry<String, Function<Duration, AgentConfig>> duration) {
        duration.getValue().apply(Duration.ofNanos(1));
        duration.getValue().apply(YEAR);
        assertThatThrownBy(() -> duration.getValue().apply(Duration.ZERO))
                .hasMessage(duration.getKey() + ": PT0S (expected: > 0 and <= PT8760H)");
        assertThatThrownBy(() -> duration.getValue().apply(Duration.ofNanos(-1)))
                .hasMessageStartingWith(duration.getKey());
        assertThatThrownBy(() -> duration.getValue().apply(YEAR.plusNanos(1)))
                .hasMessageStartingWith(duration.getKey());
    }

    @Test
    void theOtherLimitsHaveBoundsOfTheirOwn() {
        assertThat(DEFAULTS.withMaxSnapshotBytes(0).maxSnapshotBytes()).isZero();
        assertThatThrownBy(() -> DEFAULTS.withMaxSnapshotBytes(-1)).hasMessageStartingWith("maxSnapshotBytes: -1");
        assertThat(DEFAULTS.withMaxRestarts(0).maxRestarts()).isZero();
        assertThat(DEFAULTS.withMaxRestarts(1_000).maxRestarts()).isEqualTo(1_000);
        assertThatThrownBy(() -> DEFAULTS.withMaxRestarts(-1)).hasMessage("maxRestarts: -1 (expected: 0 to 1000)");
        assertThatThrownBy(() -> DEFAULTS.withMaxRestarts(1_001)).hasMessageStartingWith("maxRestarts: 1001");
        assertThatThrownBy(() -> DEFAULTS.withMaxOptionBytes(0)).hasMessageStartingWith("maxOptionBytes: 0");
        assertThatThrownBy(() -> DEFAULTS.withMaxConnections(0)).hasMessageStartingWith("maxConnections: 0");
        assertThatThrownBy(() -> DEFAULTS.withTotalReadAheadBytes(1)).hasMessageStartingWith("totalReadAheadBytes: 1");
    }

    @Test
    void aFunctionsOwnCallLimitHasTheSameBounds() {
        Description description = Description.stream("f", "a function");
        assertThat(description.callLimit(YEAR).callLimit()).contains(YEAR);
        assertThatThrownBy(() -> description.callLimit(YEAR.plusNanos(1)))
                .hasMessage("callLimit: PT8760H0.000000001S (expected: > 0 and <= PT8760H)");
    }

    @Test
    void aFunctionThatSaysNothingFailsAndOneThatSaysItIsDeclaredIsRefused() {
        Description description = Description.stream("f", "a function");
        assertThat(description.onError()).isEqualTo(FailurePolicy.FAIL);
        assertThat(description.onError(FailurePolicy.RESTART).version(3).onError())
                .isEqualTo(FailurePolicy.RESTART);
        assertThatThrownBy(() -> description.onError(FailurePolicy.DECLARED))
                .hasMessage("onError: DECLARED (expected: FAIL, SKIP or RESTART)");
    }

    @Test
    void aFunctionsNameIsOneThatATickscriptCanSay() {
        assertThatThrownBy(() -> Description.stream("_x", "no"))
                .hasMessage("name: \"_x\" (expected: a letter, then letters, digits and underscores)");
        assertThatThrownBy(() -> Description.stream("var", "no"))
                .hasMessage("name: \"var\" (expected: none of TICKscript's keywords)");
    }
}
