package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LoadPlanTest {
    private static final LoadPlan PLAN = LoadPlan.of(Measure.THROUGHPUT);

    static Stream<Arguments> counts() {
        return Stream.of(
                Arguments.of("connections", 1, 10_000, (IntFunction<LoadPlan>) PLAN::withConnections),
                Arguments.of("batchPoints", 0, 100_000, (IntFunction<LoadPlan>) PLAN::withBatchPoints),
                Arguments.of("groups", 1, 100_000, (IntFunction<LoadPlan>) PLAN::withGroups));
    }

    @ParameterizedTest
    @MethodSource("counts")
    void aCountIsWithinItsBoundsOrRefused(String name, int least, int most, IntFunction<LoadPlan> with) {
        for (int count : new int[] {least, least + 1, most - 1, most}) {
            assertThat(with.apply(count)).isNotNull();
        }
        for (int count : new int[] {least - 1, most + 1}) {
            assertThatThrownBy(() -> with.apply(count))
                    .hasMessage(name + ": " + count + " (expected: " + least + " to " + most + ")");
        }
    }

    @Test
    void aRunTakesAMillisecondAtLeast() {
        assertThat(PLAN.withDuration(Duration.ofMillis(1))).isNotNull();
        assertThatThrownBy(() -> PLAN.withDuration(Duration.ofNanos(999_999)))
                .hasMessage("duration: PT0.000999999S (expected: >= PT0.001S)");
    }

    @Test
    void aStartTakesTwoMinutesUnlessAnotherLimitIsGiven() {
        assertThat(PLAN.startLimit()).isEqualTo(Duration.ofMinutes(2));
        assertThat(PLAN.withStartLimit(Duration.ofMillis(1)).startLimit()).isEqualTo(Duration.ofMillis(1));
        assertThatThrownBy(() -> PLAN.withStartLimit(Duration.ZERO))
                .hasMessage("startLimit: PT0S (expected: >= PT0.001S)");
    }
}
