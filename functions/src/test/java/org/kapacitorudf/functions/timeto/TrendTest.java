package org.kapacitorudf.functions.timeto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.series.Order;

class TrendTest {
    private static final double HORIZON = 30 * 86_400;
    private static final long SECOND = 1_000_000_000L;
    private static final long STEP = 60 * SECOND;
    private static final double WINDOW_SECONDS = 6 * 3600;

    private final Trend trend = new Trend(100, 6 * 3600 * SECOND, 60, 0.2, HORIZON);
    private FillSeries series = new FillSeries();
    private long time = 1_700_000_000L * SECOND;

    @Test
    void aStraightLineIsFollowedToTheThreshold() {
        for (int minute = 0; minute < 120; minute++) {
            take(minute * 0.1);
        }
        assertThat(trend.isRising(series)).isTrue();
        assertThat(seconds(11.9)).isCloseTo((100 - 11.9) / 0.1 * 60, within(1.0));
    }

    @Test
    void outliersDoNotMoveTheLine() {
        Random random = new Random(1);
        for (int minute = 0; minute < 360; minute++) {
            take(minute * 0.1 + (random.nextInt(50) == 0 ? 40 : 0) + 0.1 * random.nextGaussian());
        }
        assertThat(seconds(35.9)).isCloseTo(64.1 / 0.1 * 60, within(2000.0));
    }

    @Test
    void thereIsNoAnswerForWhatIsFlatOrFalls() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            series = new FillSeries();
            for (int minute = 0; minute < 2000; minute++) {
                take(50 - (seed % 2) * minute * 0.01 + random.nextGaussian());
                assertThat(trend.isRising(series))
                        .as("seed %d, minute %d", seed, minute)
                        .isFalse();
            }
        }
        series = new FillSeries();
        for (int minute = 0; minute < 1000; minute++) {
            take(42);
        }
        assertThat(seconds(42)).isEqualTo(HORIZON);
    }

    @Test
    void aValueAtTheThresholdIsThere() {
        take(100);
        assertThat(seconds(100)).isZero();
    }

    @Test
    void afterAFallItBeginsAgain() {
        for (int minute = 0; minute < 200; minute++) {
            take(minute * 0.3);
        }
        for (int minute = 0; minute < 120; minute++) {
            take(5 + minute * 0.1);
        }
        assertThat(seconds(16.9)).isCloseTo(83.1 / 0.1 * 60, within(60.0));
    }

    @Test
    void oneAbsurdValueDoesNotHideAFall() {
        for (int minute = 0; minute < 2000; minute++) {
            take(minute == 100 ? 9.2e18 : minute * 0.03);
        }
        for (int minute = 0; minute < 120; minute++) {
            take(5 + minute * 0.1);
        }
        assertThat(seconds(16.9)).isCloseTo(83.1 / 0.1 * 60, within(60.0));
    }

    @Test
    void afterAGapItIsNotFullBelowTheThreshold() {
        for (int minute = 0; minute < 360; minute++) {
            take(20 + minute / 6.0);
        }
        time += 4 * 3600 * SECOND;
        for (double value = 80; value < 99.9; value += 1 / 6.0) {
            take(value);
            assertThat(seconds(value)).as("%s", value).isPositive();
        }
    }

    @Test
    void afterAGapLongerThanTheWindowNoLineIsLeft() {
        for (int minute = 0; minute < 200; minute++) {
            take(minute * 0.3);
        }
        time += 86_400 * SECOND;
        take(10);
        assertThat(trend.isRising(series)).isFalse();
        assertThat(seconds(10)).isEqualTo(HORIZON);
    }

    @Test
    void oneLowPointIsNoFall() {
        for (int minute = 0; minute < 200; minute++) {
            take(minute == 150 ? 0 : minute * 0.3);
        }
        assertThat(seconds(59.7)).isCloseTo(40.3 / 0.3 * 60, within(60.0));
    }

    /** The promise: on fill curves with noise of 1 % and three rotations, after a tenth of the window. */
    @Test
    void nineOfTenAnswersAreWithinAFifthOfTheTrueTime() {
        int all = 0;
        int good = 0;
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            series = new FillSeries();
            for (int fill = 0; fill < 4; fill++) {
                double base = 5 + 5 * random.nextDouble();
                double fullAfter = WINDOW_SECONDS * (0.5 + 3.5 * random.nextDouble());
                double stopAt = fill == 3 ? fullAfter : fullAfter * (0.6 + 0.3 * random.nextDouble());
                for (double second = 0; second < stopAt; second += STEP / 1e9) {
                    double value = base + (100 - base) * second / fullAfter + random.nextGaussian();
                    take(value);
                    if (second >= 0.1 * WINDOW_SECONDS) {
                        double left = fullAfter - second;
                        all++;
                        good += Math.abs(seconds(value) - left) <= 0.2 * left ? 1 : 0;
                    }
                }
            }
        }
        assertThat(100.0 * good / all).isGreaterThan(90);
    }

    private double seconds(double value) {
        return trend.secondsFrom(series, time, value);
    }

    private void take(double value) {
        time += STEP;
        if (series.order(time, value) == Order.NEXT) {
            trend.learn(series, time, value);
            series.moveTo(time, value);
        }
    }
}
