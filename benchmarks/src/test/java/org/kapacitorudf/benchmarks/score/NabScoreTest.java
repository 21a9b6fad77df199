package org.kapacitorudf.benchmarks.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.benchmarks.score.LabelledSeries.Window;

class NabScoreTest {
    /** 1000 points: the first 150 do not count. */
    private final LabelledSeries series = new LabelledSeries(
            "s", new long[1000], new double[1000], List.of(new Window(400, 499), new Window(800, 899)));

    @Test
    void noAlertsScoreNothing() {
        assertThat(score().standard()).isZero();
        assertThat(score().raw()).isEqualTo(-2);
    }

    @Test
    void anAlertAtTheStartOfEachWindowAndNoOtherIsPerfect() {
        assertThat(score(400, 800).standard()).isCloseTo(100, within(1e-9));
        assertThat(score(400, 450, 460, 800).standard()).isCloseTo(100, within(1e-9));
    }

    @Test
    void aLaterAlertEarnsLess() {
        double halfway = (2 / (1 + Math.exp(-2.5)) - 1) / (2 / (1 + Math.exp(-5)) - 1);
        assertThat(score(450).raw()).isCloseTo(halfway - 1, within(1e-9));
        assertThat(score(450).found()).isEqualTo(1);
    }

    @Test
    void anAlertOutsideOfWindowsCostsLessRightAfterOne() {
        assertThat(score(200).raw()).isCloseTo(-2.11, within(1e-9));
        assertThat(score(500).raw()).isCloseTo(-2 + 0.11 * (2 / (1 + Math.exp(5 / 99.0)) - 1), within(1e-9));
        assertThat(score(799).raw()).isCloseTo(-2.11, within(1e-6));
        assertThat(score(200, 500).falseAlerts()).isEqualTo(2);
    }

    @Test
    void theFirstPointsDoNotCount() {
        assertThat(score(149).raw()).isEqualTo(-2);
        assertThat(score(150).raw()).isCloseTo(-2.11, within(1e-9));
        assertThat(NabScore.probation(new LabelledSeries("l", new long[9000], new double[9000], List.of())))
                .isEqualTo(750);
    }

    private NabScore score(int... alerts) {
        boolean[] all = new boolean[series.length()];
        for (int alert : alerts) {
            all[alert] = true;
        }
        return NabScore.of(series, all);
    }
}
