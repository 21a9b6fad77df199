package org.kapacitorudf.functions.smooth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TimeMeanTest {
    private final TimeMean mean = new TimeMean();

    @Test
    void itIsTheAreaBelowTheLineThroughTheLastPointsByTheirTime() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            TimeMean one = new TimeMean();
            int size = 2 + random.nextInt(12);
            int count = 100;
            long[] times = new long[count];
            double[] values = new double[count];
            for (int i = 0; i < count; i++) {
                times[i] = (i == 0 ? 0 : times[i - 1]) + random.nextInt(4) * (long) random.nextInt(1_000_000_000);
                values[i] = 100 * random.nextGaussian();
                double area = 0;
                int first = Math.max(0, i - size + 1);
                for (int j = first + 1; j <= i; j++) {
                    area += (values[j] + values[j - 1]) / 2 * (times[j] - times[j - 1]);
                }
                double expected = times[i] > times[first] ? area / (times[i] - times[first]) : values[i];
                assertThat(one.add(times[i], values[i], size)).isCloseTo(expected, within(1e-9));
            }
        }
    }

    @Test
    void nothingIsLeftOfALargeValueThatHasGone() {
        mean.add(0, 1e30, 3);
        for (int i = 1; i < 10; i++) {
            assertThat(mean.add(i, 2, 3)).matches(result -> result > 1e28 || result == 2);
        }
        assertThat(mean.add(10, 2, 3)).isEqualTo(2);
    }

    @Test
    void aLatePointAndADuplicateChangeNothing() {
        mean.add(10, 1, 3);
        double before = mean.add(20, 2, 3);
        assertThat(mean.add(20, 2, 3)).isEqualTo(before).isEqualTo(1.5);
        assertThat(mean.add(15, 1e9, 3)).isEqualTo(before);
        assertThat(mean.add(30, 3, 3)).isEqualTo(2);
    }

    @Test
    void afterTheClockWasSetBackItBeginsAgain() {
        mean.add(1_000_000, 100, 5);
        for (int i = 0; i < 20; i++) {
            mean.add(i, 1, 5);
        }
        assertThat(mean.add(20, 7, 5)).isEqualTo(7);
        assertThat(mean.add(30, 9, 5)).isEqualTo(8);
    }

    @Test
    void timesAtBothEndsDoNotOverflow() {
        mean.add(Long.MIN_VALUE + 1, 1, 3);
        assertThat(mean.add(Long.MAX_VALUE, 3, 3)).isEqualTo(2);
    }
}
