package org.kapacitorudf.functions.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Policy;

class RecordBandTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long DAY = 1440 * MINUTE;

    private final RecordBand band = new RecordBand(0.05, 20, 28 * DAY);
    private final RecordSeries series = band.fresh();
    private final Policy policy =
            new Policy(0, Direction.BOTH, 12 * 3600, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    private final Judgement judgement = new Judgement();
    private long time = 20_000 * DAY;

    @Test
    void aValueBeyondAllThatIsRememberedByMoreThanTheToleranceIsUnusual() {
        Random random = new Random(1);
        feed(1000, i -> 40 + 20 * random.nextDouble());
        take(50);
        take(60.5);
        assertThat(judgement.isUnusual()).isFalse();
        take(62);
        assertThat(judgement.isUnusual()).isTrue();
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @Test
    void aJumpWithinTheRangeIsUnusualIfTheSeriesMovesInSmallSteps() {
        feed(200, i -> 50 + 40 * Math.sin(i / 30.0));
        double last = series.lastValue();
        take(last > 50 ? last - 40 : last + 40);
        assertThat(judgement.isUnusual()).isTrue();
    }

    @Test
    void aLevelThatShiftsWithinTheRangeOfTheValuesIsUnusual() {
        Random random = new Random(1);
        feed(2000, i -> random.nextDouble() * 10);
        int alerts = feed(100, i -> 8 + random.nextDouble() * 2);
        assertThat(alerts).isEqualTo(1);
    }

    @Test
    void aConstantNeverAlertsAndItsFirstChangeAlertsOnce() {
        for (double constant : new double[] {0, 42, 0.1, -1e12}) {
            RecordBandTest other = new RecordBandTest();
            assertThat(other.feed(500, i -> constant)).isZero();
            assertThat(other.feed(500, i -> constant + 5 + Math.abs(constant) / 2))
                    .as("%s", constant)
                    .isEqualTo(1);
        }
    }

    @Test
    void oneAbsurdValueDoesNotMakeItBlind() {
        Random random = new Random(1);
        feed(500, i -> 50 + random.nextGaussian());
        take(1e30);
        time += DAY;
        feed(500, i -> 50 + random.nextGaussian());
        take(100);
        assertThat(judgement.isUnusual()).isTrue();
    }

    @Test
    void afterTwoSpansAnExtremeIsForgotten() {
        RecordBand short_ = new RecordBand(0.05, 20, DAY);
        RecordSeries other = short_.fresh();
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            double value = i < 100 ? 1e6 * random.nextDouble() : 50 + random.nextGaussian();
            policy.take(short_, other, time + i * 2 * MINUTE, value, judgement);
        }
        policy.take(short_, other, time + 2000 * 2 * MINUTE, 70, judgement);
        assertThat(judgement.isUnusual()).isTrue();
    }

    @Test
    void afterTwoSpansWithoutPointsItIsNotReadyUntilThereAreEnoughAgain() {
        RecordBand short_ = new RecordBand(0.05, 20, DAY);
        RecordSeries other = short_.fresh();
        Random random = new Random(1);
        for (int i = 0; i < 3 * 1440; i++) {
            policy.take(short_, other, time + i * MINUTE, 50 + random.nextGaussian(), judgement);
        }
        assertThat(judgement.isReady()).isTrue();
        long after = time + 6 * DAY;
        for (int i = 0; i < RecordBand.FEWEST_POINTS; i++) {
            policy.take(short_, other, after + i * MINUTE, 50 + 0.3 * i, judgement);
            assertThat(judgement.isReady()).as("point %d", i).isFalse();
            assertThat(judgement.anomaly()).isZero();
        }
        policy.take(short_, other, after + RecordBand.FEWEST_POINTS * MINUTE, 50, judgement);
        assertThat(judgement.isReady()).isTrue();
    }

    @Test
    void theValueAfterALongGapIsNotComparedWithTheOneBefore() {
        feed(300, i -> 50 + 40 * Math.sin(i / 30.0));
        time += DAY;
        take(20);
        assertThat(judgement.isUnusual()).isFalse();
    }

    @Test
    void theBandContainsWhatIsExpected() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            time += random.nextInt(1000) == 0 ? 3 * DAY : MINUTE;
            take(random.nextInt(50) == 0 ? 1e30 * random.nextGaussian() : random.nextGaussian());
            assertThat(judgement.expected()).isBetween(judgement.lower(), judgement.upper());
            assertThat(judgement.score()).isFinite();
        }
    }

    private int feed(int count, IntToDoubleFunction values) {
        int alerts = 0;
        for (int i = 0; i < count; i++) {
            take(values.applyAsDouble(i));
            alerts += Math.abs(judgement.anomaly());
        }
        return alerts;
    }

    private void take(double value) {
        time += MINUTE;
        policy.take(band, series, time, value, judgement);
    }
}
