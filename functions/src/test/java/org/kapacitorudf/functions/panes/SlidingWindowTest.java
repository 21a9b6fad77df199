package org.kapacitorudf.functions.panes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SlidingWindowTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long PANE = 1_000_000;
    private static final int PANES = 3;

    private final SlidingWindow window = new SlidingWindow(10 * SECOND, PANES);
    private final Counts series = new Counts();
    private final List<Long> closed = new ArrayList<>();

    /** Counts the points of each pane. */
    private static final class Counts extends PaneSeries {
        private final int[] counts = new int[PANES];

        @Override
        public void close(int slot) {
            assertThat(counts[slot]).isPositive();
        }

        @Override
        public void forget(int slot) {
            counts[slot] = 0;
        }

        private int sum() {
            return counts[0] + counts[1] + counts[2];
        }
    }

    private int take(long second, long value) {
        return takeAt(second * SECOND, value);
    }

    private int takeAt(long time, long value) {
        int slot = window.slotOf(series, time, value, 0, end -> closed.add(end / SECOND));
        if (slot >= 0) {
            series.counts[slot]++;
        }
        return slot;
    }

    /** The model knows all points, and counts those whose pane is in the window. */
    @Test
    void theWindowHasThePointsThatAModelHas() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            SlidingWindow window = new SlidingWindow(PANE, PANES);
            Counts series = new Counts();
            TreeMap<Long, Integer> model = new TreeMap<>();
            long newest = 0;
            for (int i = 0; i < 200; i++) {
                long step = random.nextInt(random.nextInt(20) == 0 ? 200 : 12) - random.nextInt(8);
                long time = newest + step * 100_000;
                time = i == 0 ? 0 : time;
                long pane = Math.floorDiv(time, PANE);
                long[] end = {Long.MIN_VALUE};
                long last = Math.floorDiv(newest, PANE);
                int before = series.sum();
                int slot = window.slotOf(series, time, i, 0, at -> end[0] = at);
                if (i > 0 && pane > last) {
                    assertThat(end[0]).isEqualTo((last + 1) * PANE);
                    assertThat(before).isEqualTo(sum(model, last));
                } else {
                    assertThat(end[0]).isEqualTo(Long.MIN_VALUE);
                }
                newest = Math.max(newest, time);
                if (pane > Math.floorDiv(newest, PANE) - PANES) {
                    series.counts[slot]++;
                    model.merge(pane, 1, Integer::sum);
                } else {
                    assertThat(slot).isEqualTo(SlidingWindow.LATE);
                }
                assertThat(series.sum()).as("seed %d", seed).isEqualTo(sum(model, Math.floorDiv(newest, PANE)));
            }
        }
    }

    private static int sum(TreeMap<Long, Integer> model, long newest) {
        return model.subMap(newest - PANES + 1, newest + 1).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    @Test
    void aPaneIsOverWithTheFirstPointAfterIt() {
        take(3, 1);
        take(9, 2);
        assertThat(closed).isEmpty();
        take(10, 3);
        assertThat(closed).containsExactly(10L);
        take(75, 4);
        assertThat(closed).containsExactly(10L, 20L);
    }

    @Test
    void aPointInAnotherOrderCountsWhileItsPaneIsInTheWindow() {
        take(25, 1);
        assertThat(take(1, 2)).isNotNegative();
        assertThat(take(30, 3)).isNotNegative();
        assertThat(take(2, 4)).isEqualTo(SlidingWindow.LATE);
        assertThat(take(10, 5)).isNotNegative();
        assertThat(series.sum()).isEqualTo(3);
        assertThat(window.startOf(series)).isEqualTo(10 * SECOND);
    }

    @Test
    void theLastPointAgainIsADuplicateUnlessItIsFromAnotherSource() {
        take(5, 1);
        assertThat(take(5, 1)).isEqualTo(SlidingWindow.DUPLICATE);
        assertThat(window.slotOf(series, 5 * SECOND, 1, 7, closed::add)).isNotNegative();
        assertThat(take(5, 2)).isNotNegative();
    }

    @Test
    void afterManyLatePointsInARowTheWindowBeginsAgain() {
        take(1_000_000, 1);
        for (int i = 0; i < SlidingWindow.MOST_LATE; i++) {
            assertThat(take(i, 1)).isEqualTo(SlidingWindow.LATE);
        }
        assertThat(take(50, 2)).isNotNegative();
        assertThat(take(51, 3)).isNotNegative();
        assertThat(series.sum()).isEqualTo(2);
        assertThat(closed).isEmpty();
    }

    @Test
    void timesAtBothEndsDoNotOverflow() {
        takeAt(Long.MIN_VALUE, 1);
        assertThat(window.startOf(series)).isEqualTo(Long.MIN_VALUE);
        takeAt(Long.MAX_VALUE, 2);
        assertThat(closed).hasSize(1).allMatch(end -> end * SECOND < Long.MIN_VALUE / 2);
        List<Long> ends = new ArrayList<>();
        Counts other = new Counts();
        SlidingWindow odd = new SlidingWindow(7_000_000_011L, PANES);
        int slot = odd.slotOf(other, Long.MAX_VALUE - 8_000_000_000L, 1, 0, ends::add);
        other.counts[slot]++;
        assertThat(odd.slotOf(other, Long.MAX_VALUE, 1, 0, ends::add))
                .isNotEqualTo(slot)
                .isNotNegative();
        assertThat(ends).hasSize(1).allMatch(end -> end > Long.MAX_VALUE - 8_000_000_000L);
    }

    @Test
    void aPaneIsAtLeastAMillisecond() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SlidingWindow(999_999, 1))
                .withMessage("paneNanos: 999999 (expected: >= 1000000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SlidingWindow(SECOND, 0))
                .withMessage("panes: 0 (expected: >= 1)");
    }
}
