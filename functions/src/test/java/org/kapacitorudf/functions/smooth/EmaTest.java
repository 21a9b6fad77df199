package org.kapacitorudf.functions.smooth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EmaTest {
    private static final double TAU = 300e9;

    @Test
    void itIsTheWeightedSumOfAllValuesAtIrregularTimes() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int count = 100;
            long[] times = new long[count];
            double[] values = new double[count];
            Ema ema = new Ema();
            long time = 0;
            for (int i = 0; i < count; i++) {
                time += 1 + random.nextInt(1_000_000) * 1_000_000L;
                times[i] = time;
                values[i] = 100 * random.nextGaussian();
                double expected = values[0] * Math.exp(-(time - times[0]) / TAU);
                for (int j = 1; j <= i; j++) {
                    double until = Math.exp(-(time - times[j]) / TAU);
                    expected += values[j] * (until - Math.exp(-(time - times[j - 1]) / TAU));
                }
                assertThat(ema.add(time, values[i], TAU)).isCloseTo(expected, within(1e-9));
            }
        }
    }

    @Test
    void aLatePointAndADuplicateChangeNothing() {
        Ema ema = new Ema();
        ema.add(1_000, 1, 1_000);
        double before = ema.add(2_000, 2, 1_000);
        assertThat(ema.add(2_000, 2, 1_000)).isEqualTo(before);
        assertThat(ema.add(1_500, 1e9, 1_000)).isEqualTo(before);
        assertThat(ema.add(2_000, 2, 1_000)).isEqualTo(before);
    }

    @Test
    void aConstantStaysAsItIs() {
        Ema ema = new Ema();
        for (int i = 0; i < 1_000; i++) {
            assertThat(ema.add(i * 60_000_000_000L, 8, TAU)).isCloseTo(8, within(1e-12));
        }
    }
}
