package org.kapacitorudf.functions.changepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Policy;

@Tag("one-jdk")
class CusumTest {
    private static final long SECOND = 1_000_000_000L;

    private final Judgement judgement = new Judgement();
    private Cusum cusum = new Cusum(0.5, 8, 10, 0);
    private RegimeSeries series = cusum.fresh();
    private Policy policy = new Policy(0, Direction.BOTH, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    private long time = 1_700_000_000 * SECOND;

    private record Alert(int point, int sign, String change, double before, double after) {}

    @Test
    void aShiftOfTheLevelAlertsOnceAndTheNewLevelIsUsual() {
        Random random = new Random(1);
        List<Alert> alerts = feed(2000, i -> (i < 1000 ? 50 : 60) + 3 * random.nextGaussian());
        assertThat(alerts).hasSize(1);
        Alert alert = alerts.get(0);
        assertThat(alert.change).isEqualTo("level");
        assertThat(alert.sign).isEqualTo(1);
        assertThat(alert.point).isBetween(1010, 1030);
        assertThat(alert.before).isCloseTo(50, within(1.0));
        assertThat(alert.after).isCloseTo(60, within(3.0));
        assertThat(judgement.expected()).isCloseTo(60, within(0.5));
        assertThat(judgement.upper() - judgement.expected()).isCloseTo(9, within(0.9));
    }

    @Test
    void aShiftDownIsNegative() {
        Random random = new Random(2);
        assertThat(feed(2000, i -> (i < 1000 ? 60 : 50) + 3 * random.nextGaussian()))
                .singleElement()
                .satisfies(alert -> assertThat(alert.sign).isEqualTo(-1));
    }

    @Test
    void aShiftOfTheSpreadAlertsInBothDirections() {
        Random random = new Random(4);
        List<Alert> alerts = feed(3000, i -> 50 + (i < 1000 || i >= 2000 ? 1 : 4) * random.nextGaussian());
        assertThat(alerts).extracting(Alert::change).containsExactly("spread", "spread");
        assertThat(alerts).extracting(Alert::sign).containsExactly(1, -1);
        assertThat(alerts.get(0).before).isCloseTo(1, within(0.1));
        assertThat(alerts.get(0).after).isCloseTo(4, within(2.5));
    }

    @Test
    void aValueThatDoesNotMoveAnyMoreIsASmallerSpread() {
        Random random = new Random(4);
        assertThat(feed(1100, i -> i < 1000 ? 50 + random.nextGaussian() : 50.3))
                .first()
                .satisfies(alert -> assertThat(alert.sign).isEqualTo(-1))
                .satisfies(alert -> assertThat(alert.change).isEqualTo("spread"));
    }

    @Test
    void whatDoesNotLastIsNoShift() {
        Random random = new Random(5);
        assertThat(feed(2000, i -> (i % 500 >= 495 ? 70 : 50) + random.nextGaussian()))
                .isEmpty();
    }

    @Test
    void aConstantNeverAlertsAndItsFirstShiftAlertsOnce() {
        for (double constant : new double[] {0, 42, 0.1, -1e12}) {
            begin();
            assertThat(feed(500, i -> constant)).isEmpty();
            assertThat(feed(500, i -> constant + 5 + Math.abs(constant) / 2))
                    .as("%s", constant)
                    .hasSize(1);
        }
    }

    @Test
    void mostlyZeroAndQuantisedSeriesGiveNoFalseAlerts() {
        int zeros = 0;
        int bits = 0;
        int steps = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            begin();
            zeros += feed(3000, i -> random.nextInt(50) == 0 ? 1 + random.nextInt(5) : 0)
                    .size();
            begin();
            bits += feed(3000, i -> random.nextInt(2)).size();
            begin();
            steps +=
                    feed(3000, i -> Math.rint(50 + 0.7 * random.nextGaussian())).size();
        }
        assertThat(List.of(zeros, bits, steps)).as("each in 60,000 points").allMatch(alerts -> alerts <= 4);
    }

    @Test
    void absurdValuesAmongTheFirstOnesAreForgotten() {
        Random random = new Random(6);
        assertThat(feed(1500, i -> i == 2 || i == 5 ? 1e30 : (i < 1000 ? 50 : 60) + random.nextGaussian()))
                .last()
                .satisfies(alert -> assertThat(alert.change).isEqualTo("level"))
                .satisfies(alert -> assertThat(alert.before).isCloseTo(50, within(1.0)));
    }

    @Test
    void oneAbsurdValueDoesNotMakeItBlind() {
        Random random = new Random(7);
        assertThat(feed(1500, i -> i == 500 ? -1e30 : (i < 1000 ? 50 : 53) + random.nextGaussian()))
                .hasSize(1);
    }

    @Test
    void aShiftThatIsNotLargerThanMinDeviationDoesNotAlert() {
        cusum = new Cusum(0.5, 8, 10, 20);
        Random random = new Random(8);
        assertThat(feed(2000, i -> (i < 1000 ? 50 : 60) + random.nextGaussian()))
                .isEmpty();
        assertThat(feed(1000, i -> 90 + random.nextGaussian())).hasSize(1);
    }

    @Test
    void aLatePointOrADuplicateConfirmsNothing() {
        Random random = new Random(9);
        feed(1000, i -> 50 + random.nextGaussian());
        int alerts = 0;
        for (int i = 0; i < 50; i++) {
            take(60 + random.nextGaussian());
            alerts += judgement.anomaly();
            double last = series.lastValue();
            policy.take(cusum, series, time, last, judgement);
            alerts += judgement.anomaly();
            policy.take(cusum, series, time - SECOND / 2, 60, judgement);
            alerts += judgement.anomaly();
        }
        assertThat(alerts).isEqualTo(1);
    }

    /** The promise on the function's page, computed by RunLength. 300 runs have a standard error of 6 %. */
    @Test
    void falseAlertsOnWhiteAndOnAutocorrelatedNoiseComeAsOftenAsPromised() {
        for (double lag : new double[] {0, 0.5}) {
            double sum = 0;
            for (int run = 0; run < 300; run++) {
                cusum = new Cusum(0.5, 5, 5, 0);
                begin();
                Random random = new Random(run);
                double value = 0;
                do {
                    value = lag * value + random.nextGaussian();
                    take(value);
                    sum++;
                } while (judgement.anomaly() == 0);
            }
            assertThat(sum / 300).as("lag %s", lag).isCloseTo(1690, within(0.2 * 1690));
        }
    }

    private void begin() {
        series = cusum.fresh();
    }

    private List<Alert> feed(int count, IntToDoubleFunction values) {
        List<Alert> alerts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            take(values.applyAsDouble(i));
            if (judgement.anomaly() != 0) {
                alerts.add(new Alert(
                        i,
                        judgement.anomaly(),
                        (String) judgement.details().get("change"),
                        (double) judgement.details().get("before"),
                        (double) judgement.details().get("after")));
            }
        }
        return alerts;
    }

    private void take(double value) {
        time += SECOND;
        policy.take(cusum, series, time, value, judgement);
    }
}
