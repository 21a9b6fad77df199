package org.kapacitorudf.functions.series;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeriesTest {
    private final Series series = new Series() {};

    @Test
    void aPointThatIsNotBeforeTheLastIsNext() {
        assertThat(series.order(5, 1)).isEqualTo(Order.NEXT);
        series.moveTo(5, 1);
        assertThat(series.order(6, 1)).isEqualTo(Order.NEXT);
        assertThat(series.order(5, 2)).isEqualTo(Order.NEXT);
    }

    @Test
    void theLastPointAgainIsADuplicate() {
        series.moveTo(5, 1);
        assertThat(series.order(5, 1)).isEqualTo(Order.DUPLICATE);
    }

    @Test
    void afterManyLatePointsInARowTheClockWasSetBack() {
        series.moveTo(1000, 1);
        for (int i = 0; i < Series.MOST_LATE; i++) {
            assertThat(series.order(i, 1)).isEqualTo(Order.LATE);
        }
        assertThat(series.order(50, 1)).isEqualTo(Order.NEXT);
        series.moveTo(50, 1);
        assertThat(series.order(51, 1)).isEqualTo(Order.NEXT);
    }

    @Test
    void elapsedTimeIsNeverNegativeAndDoesNotOverflow() {
        assertThat(series.elapsedNanos(7)).isZero();
        series.moveTo(-9_000_000_000_000_000_000L, 1);
        assertThat(series.elapsedNanos(9_000_000_000_000_000_000L)).isEqualTo(Long.MAX_VALUE);
        assertThat(series.elapsedNanos(Long.MIN_VALUE)).isZero();
    }
}
