package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
    private final Window window = new Window();

    @Test
    void theMeanIsOfTheValuesThereAreUntilTheWindowIsFull() {
        assertThat(means(3, 1, 2, 6, 7)).containsExactly(1, 1.5, 3, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 16, 17, 100})
    void itIsTheMeanOfTheLastValues(int size) {
        Random random = new Random(size);
        Deque<Double> last = new ArrayDeque<>();
        for (int i = 0; i < 1_000; i++) {
            double value = random.nextGaussian();
            last.addLast(value);
            if (last.size() > size) {
                last.removeFirst();
            }
            assertThat(window.add(value, size)).isCloseTo(mean(last), within(1e-12));
        }
    }

    @Test
    void itDoesNotDrift() {
        double mean = 0;
        for (int i = 0; i < 20_000_000; i++) {
            mean = window.add(i % 2 == 0 ? 0.1 : 1e9, 10);
        }
        assertThat(mean).isCloseTo(500_000_000.05, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.MAX_VALUE, -Double.MAX_VALUE, 1e300})
    void aHugeValueLeavesNoTrace(double odd) {
        for (int position = 0; position < 4; position++) {
            window.add(position, 4);
            window.add(odd, 4);
            assertThat(means(4, 1, 2, 3)[2]).isEqualTo(Double.valueOf((odd + 1 + 2 + 3) / 4));
            assertThat(window.add(4, 4)).isEqualTo(2.5);
        }
    }

    @Test
    void theMeanIsFiniteWhereTheSumIsNot() {
        double most = Double.MAX_VALUE;
        assertThat(means(3, most, most, most)).containsExactly(new double[] {most, most, most}, within(most * 1e-15));
        assertThat(means(3, -most, -most, -most)[2]).isEqualTo(-most, within(most * 1e-15));
        assertThat(means(3, 1, 2, 3)[2]).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void whatAnOlderSnapshotHasInItDoesNotCount(double odd) {
        window.add(odd, 3);
        assertThat(means(3, 1, 3, 5, 7)).containsExactly(1, 2, 3, 5);
    }

    @Test
    void aLargerSizeKeepsAllValuesOfAFullRing() {
        means(3, 1, 2, 3, 4);
        assertThat(means(5, 5, 6, 7)).containsExactly(14 / 4.0, 20 / 5.0, 25 / 5.0);
    }

    @Test
    void aSmallerSizeKeepsTheNewestValues() {
        means(5, 1, 2, 3, 4, 5, 6);
        assertThat(means(2, 10, 20)).containsExactly(8, 15);
    }

    @Test
    void aHugeSizeTakesMemoryOnlyForTheValuesThereAre() {
        assertThat(window.add(1, Integer.MAX_VALUE)).isEqualTo(1);
    }

    private double[] means(int size, double... values) {
        double[] means = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            means[i] = window.add(values[i], size);
        }
        return means;
    }

    private static double mean(Iterable<Double> values) {
        double sum = 0;
        int count = 0;
        for (double value : values) {
            sum += value;
            count++;
        }
        return sum / count;
    }
}
