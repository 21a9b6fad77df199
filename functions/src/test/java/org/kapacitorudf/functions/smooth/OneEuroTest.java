package org.kapacitorudf.functions.smooth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OneEuroTest {
    private static final long SECOND = 1_000_000_000L;

    private final OneEuro filter = new OneEuro();
    private long time;

    /** As in the paper, in terms of rates and cutoffs. */
    @Test
    void itIsTheFilterOfThePaper() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            OneEuro one = new OneEuro();
            double tau = 1 + 600 * random.nextDouble();
            double beta = random.nextDouble() / 10;
            double minCutoff = 1 / (2 * Math.PI * tau);
            long now = 0;
            double hat = Double.NaN;
            double hatSpeed = 0;
            for (int i = 0; i < 200; i++) {
                long step = 1 + random.nextInt(60_000) * 1_000_000L;
                now += step;
                double value = 50 + 20 * Math.sin(i / 20.0) + random.nextGaussian();
                if (i == 0) {
                    hat = value;
                } else {
                    double rate = 1e9 / step;
                    double speed = (value - hat) * rate;
                    hatSpeed = lowPass(alpha(rate, minCutoff), speed, hatSpeed);
                    hat = lowPass(alpha(rate, minCutoff + beta * Math.abs(hatSpeed)), value, hat);
                }
                assertThat(one.add(now, value, tau, beta)).isCloseTo(hat, within(1e-9));
            }
        }
    }

    private static double alpha(double rate, double cutoff) {
        double tau = 1 / (2 * Math.PI * cutoff);
        return 1 / (1 + tau * rate);
    }

    private static double lowPass(double alpha, double value, double before) {
        return alpha * value + (1 - alpha) * before;
    }

    @Test
    void aFastSignalIsFollowedSooner() {
        OneEuro plain = new OneEuro();
        double fast = 0;
        double slow = 0;
        for (int i = 0; i < 60; i++) {
            time += 10 * SECOND;
            double value = i < 30 ? 10 : 60;
            fast = filter.add(time, value, 300, 0.005);
            slow = plain.add(time, value, 300, 0);
        }
        assertThat(60 - fast).isLessThan((60 - slow) / 5);
    }

    @Test
    void itRecoversFromOneVeryLargeValue() {
        for (int i = 0; i < 50; i++) {
            take(i == 10 ? 1e30 : 50);
        }
        assertThat(take(50)).isCloseTo(50, within(1e-3));
    }

    @Test
    void aLatePointADuplicateAndATimeWithTwoValuesChangeNothing() {
        take(1);
        double before = take(2);
        assertThat(filter.add(time, 2, 300, 1)).isEqualTo(before);
        assertThat(filter.add(time - 1, 1e9, 300, 1)).isEqualTo(before);
        assertThat(filter.add(time, 7, 300, 1)).isEqualTo(before);
    }

    @Test
    void aConstantStaysAsItIs() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(take(0.1)).isEqualTo(0.1);
        }
    }

    private double take(double value) {
        time += 10 * SECOND;
        return filter.add(time, value, 300, 0.005);
    }
}
