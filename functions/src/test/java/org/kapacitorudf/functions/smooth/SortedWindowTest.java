package org.kapacitorudf.functions.smooth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SortedWindowTest {
    private final SortedWindow window = new SortedWindow();
    private long time;

    @Test
    void itIsTheMedianOfTheLastValues() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            SortedWindow one = new SortedWindow();
            SortedWindow other = new SortedWindow();
            int size = 2 + random.nextInt(20);
            double sigmas = random.nextInt(4);
            List<Double> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                double value = random.nextInt(3) == 0 ? random.nextInt(5) : 1e3 * random.nextGaussian();
                all.add(value);
                List<Double> last = all.subList(Math.max(0, all.size() - size), all.size());
                double median = median(last);
                assertThat(one.median(i, value, size)).isEqualTo(median);
                double distance = median(
                        last.stream().map(each -> Math.abs(each - median)).toList());
                assertThat(other.hampel(i, value, size, sigmas))
                        .isEqualTo(Math.abs(value - median) > sigmas * 1.4826 * distance ? median : value);
            }
        }
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    @Test
    void oneOutlierLeavesNoTrace() {
        for (int i = 0; i < 50; i++) {
            boolean isOutlier = i == 20;
            double value = isOutlier ? 1e30 : i % 3;
            assertThat(window.hampel(++time, value, 9, 3)).isEqualTo(isOutlier ? 1 : i % 3);
        }
    }

    @Test
    void aLevelShiftIsTakenOverAfterHalfTheWindow() {
        for (int i = 0; i < 20; i++) {
            assertThat(window.median(++time, 1, 9)).isEqualTo(1);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(window.median(++time, 5, 9)).isEqualTo(i < 4 ? 1 : 5);
        }
    }

    @Test
    void aConstantIsThatValueWithoutADivisionByZero() {
        for (int i = 0; i < 30; i++) {
            assertThat(window.hampel(++time, 0.1, 9, 3)).isEqualTo(0.1);
        }
        assertThat(window.hampel(++time, 0.2, 9, 3)).isEqualTo(0.1);
    }

    @Test
    void aLatePointAndADuplicateChangeNothing() {
        window.hampel(10, 1, 3, 3);
        window.hampel(20, 2, 3, 3);
        double before = window.hampel(30, 4, 3, 3);
        assertThat(window.hampel(30, 4, 3, 3)).isEqualTo(before);
        assertThat(window.hampel(25, 1e9, 3, 3)).isEqualTo(before);
        assertThat(window.median(40, 3, 3)).isEqualTo(3);
    }

    @Test
    void withAnotherSizeItBeginsAgain() {
        window.median(1, 100, 5);
        window.median(2, 100, 5);
        assertThat(window.median(3, 7, 3)).isEqualTo(7);
    }
}
