package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.internal.host.UdfFunction;

class CountersTest {
    private static final int MAX = 32;

    private final UdfFunction function = UdfFunction.of(new Udf() {
        @Override
        public Description describe() {
            return Description.stream("f", "");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {};
        }
    });
    private final Counters counters = new Counters(function);

    private static String name(int number) {
        return "c" + (char) ('a' + number % 26) + (char) ('a' + number / 26);
    }

    @Test
    void aCounterCountsUnderItsName() {
        Counter late = counters.counter("late_points");
        late.increment();
        late.add(4);
        counters.counter("anomalies");
        assertThat(counters.counter("late_points")).isSameAs(late);
        assertThat(counters.values()).isEqualTo(Map.of("anomalies", 0L, "late_points", 5L));
        assertThat(counters.text()).isEqualTo("; counted anomalies 0, late_points 5");
    }

    @Test
    void withoutCountersNothingIsTold() {
        assertThat(counters.text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a-b", "a1", "a b", "é"})
    void aNameIsOfLettersAndUnderscores(String name) {
        assertThatThrownBy(() -> counters.counter(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counter: \"" + name + "\" (expected: [a-z_]+)");
    }

    @Test
    void aFunctionMayHaveAsManyCountersAsTheLimitOverAllItsConnections() {
        for (int i = 0; i < MAX; i++) {
            (i % 2 == 0 ? counters : new Counters(function)).counter(name(i));
        }
        counters.counter(name(1));
        assertThatThrownBy(() -> new Counters(function).counter("one_more"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counter: \"one_more\", after 32 others of the function (expected: <= 32)");
    }

    @Test
    void nothingCountsBackwards() {
        Counter counter = counters.counter("a");
        assertThatThrownBy(() -> counter.add(-1)).hasMessage("count: -1 (expected: >= 0)");
    }
}
