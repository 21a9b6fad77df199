package org.kapacitorudf.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Description;
import org.kapacitorudf.agent.AgentConfig.Builder;
import org.kapacitorudf.errors.FailurePolicy;

final class AgentConfigTest {
    private static final Duration YEAR = Duration.ofDays(365);

    static Stream<Map.Entry<String, BiConsumer<Builder, Integer>>> sizes() {
        return Map.<String, BiConsumer<Builder, Integer>>of(
                "maxFrameBytes", Builder::maxFrameBytes,
                "readAheadBytes", Builder::readAheadBytes,
                "outputBufferBytes", Builder::outputBufferBytes,
                "maxBatchBytes", Builder::maxBatchBytes,
                "maxCollectedBatchBytes", Builder::maxCollectedBatchBytes)
                .entrySet()
                .stream();
    }

    static Stream<Map.Entry<String, BiConsumer<Builder, Duration>>> durations() {
        return Map.<String, BiConsumer<Builder, Duration>>of(
                "callLimit", Builder::callLimit,
                "warnCallAfter", Builder::warnCallAfter,
                "drainDeadline", Builder::drainDeadline,
                "writeStallLimit", Builder::writeStallLimit,
                "keepaliveInterval", Builder::keepaliveInterval,
                "restartInterval", Builder::restartInterval,
                "maxEventTimeAhead", Builder::maxEventTimeAhead)
                .entrySet()
                .stream();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void aSizeIsFromOneKibibyteToOneGibibyte(Map.Entry<String, BiConsumer<Builder, Integer>> size) {
        size.getValue().accept(AgentConfig.builder(), 1024);
        size.getValue().accept(AgentConfig.builder(), 1 << 30);
        assertThatThrownBy(() -> size.getValue().accept(AgentConfig.builder(), 1023))
                .hasMessage(size.getKey() + ": 1023 (expected: 1024 to 1073741824)");
        assertThatThrownBy(() -> size.getValue().accept(AgentConfig.builder(), (1 << 30) + 1))
                .hasMessageStartingWith(size.getKey());
    }

    @ParameterizedTest
    @MethodSource("durations")
    void aDurationIsMoreThanNothingAndAtMostAYear(Map.Entry<String, BiConsumer<Builder, Duration>> duration) {
        duration.getValue().accept(AgentConfig.builder(), Duration.ofNanos(1));
        duration.getValue().accept(AgentConfig.builder(), YEAR);
        assertThatThrownBy(() -> duration.getValue().accept(AgentConfig.builder(), Duration.ZERO))
                .hasMessage(duration.getKey() + ": PT0S (expected: > 0 and <= PT8760H)");
        assertThatThrownBy(() -> duration.getValue().accept(AgentConfig.builder(), Duration.ofNanos(-1)))
                .hasMessageStartingWith(duration.getKey());
        assertThatThrownBy(() -> duration.getValue().accept(AgentConfig.builder(), YEAR.plusNanos(1)))
                .hasMessageStartingWith(duration.getKey());
    }

    @Test
    void theOtherLimitsHaveBoundsOfTheirOwn() {
        assertThat(AgentConfig.builder().maxSnapshotBytes(0).build().maxSnapshotBytes())
                .isZero();
        assertThatThrownBy(() -> AgentConfig.builder().maxSnapshotBytes(-1).build())
                .hasMessageStartingWith("maxSnapshotBytes: -1");
        assertThat(AgentConfig.builder().maxRestarts(0).build().maxRestarts()).isZero();
        assertThat(AgentConfig.builder().maxRestarts(1_000).build().maxRestarts())
                .isEqualTo(1_000);
        assertThatThrownBy(() -> AgentConfig.builder().maxRestarts(-1).build())
                .hasMessage("maxRestarts: -1 (expected: 0 to 1000)");
        assertThatThrownBy(() -> AgentConfig.builder().maxRestarts(1_001).build())
                .hasMessageStartingWith("maxRestarts: 1001");
        assertThatThrownBy(() -> AgentConfig.builder().maxOptionBytes(0).build())
                .hasMessageStartingWith("maxOptionBytes: 0");
        assertThatThrownBy(() -> AgentConfig.builder().maxConnections(0).build())
                .hasMessageStartingWith("maxConnections: 0");
        assertThatThrownBy(() -> AgentConfig.builder().totalReadAheadBytes(1).build())
                .hasMessageStartingWith("totalReadAheadBytes: 1");
    }

    @Test
    void aBuilderThatGoesOnChangesNoConfigurationItHasBuilt() {
        Builder builder = AgentConfig.builder().maxConnections(1);
        AgentConfig first = builder.build();
        AgentConfig second = builder.maxConnections(2).build();
        assertThat(first.maxConnections()).isEqualTo(1);
        assertThat(first.toBuilder().maxConnections(2).build())
                .isEqualTo(second)
                .hasSameHashCodeAs(second);
        assertThat(first).isNotEqualTo(second);
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
