package org.kapacitorudf.functions.detect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolicyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Policy PLAIN = policy(0, Direction.BOTH, 0);

    private final Fixed series = new Fixed();
    private final Judgement judgement = new Judgement();
    private final FixedBand band = new FixedBand();

    @Test
    void theScoreIsOneAtTheEndsOfTheBand() {
        assertThat(score(PLAIN, 0, 10)).isZero();
        assertThat(score(PLAIN, 1, 14)).isEqualTo(1);
        assertThat(score(PLAIN, 2, 8)).isEqualTo(-1);
        assertThat(score(PLAIN, 3, 12)).isEqualTo(0.5);
        assertThat(score(PLAIN, 4, 6)).isEqualTo(-2);
        assertThat(judgement.anomaly()).isEqualTo(-1);
    }

    @Test
    void nothingAlertsBeforeTheWarmUp() {
        Policy policy = policy(10, Direction.BOTH, 0);
        score(policy, 0, 10);
        score(policy, 9, 100);
        assertThat(judgement.isReady()).isFalse();
        assertThat(judgement.anomaly()).isZero();
        assertThat(judgement.score()).isGreaterThan(1);
        score(policy, 10, 100);
        assertThat(judgement.isReady()).isTrue();
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @Test
    void onlyTheDirectionThatIsAskedForAlerts() {
        Policy up = policy(0, Direction.UP, 0);
        score(up, 0, 10);
        score(up, 1, 0);
        assertThat(judgement.anomaly()).isZero();
        score(up, 2, 100);
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @Test
    void afterAnAlertItIsQuietUntilItGetsWorseOrTheTimeHasPassed() {
        Policy quiet = policy(0, Direction.BOTH, 60);
        score(quiet, 0, 10);
        assertThat(anomaly(quiet, 1, 20)).isEqualTo(1);
        assertThat(anomaly(quiet, 2, 20)).isZero();
        assertThat(anomaly(quiet, 3, 31)).isEqualTo(1);
        assertThat(anomaly(quiet, 62, 31)).isZero();
        assertThat(anomaly(quiet, 63, 31)).isEqualTo(1);
    }

    @Test
    void aDuplicateAndALatePointAreNotLearnt() {
        score(PLAIN, 5, 10);
        score(PLAIN, 5, 10);
        score(PLAIN, 4, 10);
        assertThat(band.learnt).isEqualTo(1);
    }

    @Test
    void anImpossibleValueIsAnAnomalyThatIsNotLearnt() {
        Policy percent = new Policy(0, Direction.BOTH, 0, 9, 12, 0);
        score(percent, 0, 10);
        assertThat(anomaly(percent, 1, 13)).isEqualTo(1);
        assertThat(judgement.upper()).isEqualTo(12);
        assertThat(judgement.lower()).isEqualTo(9);
        assertThat(band.learnt).isEqualTo(1);
    }

    @Test
    void whatIsWithinTheLeastDeviationIsUsual() {
        Policy wide = new Policy(0, Direction.BOTH, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 100);
        score(wide, 0, 10);
        assertThat(score(wide, 1, 60)).isEqualTo(0.5);
    }

    @Test
    void aBandWithoutWidthGivesAFiniteScore() {
        band.below = 0;
        band.above = 0;
        score(PLAIN, 0, 10);
        assertThat(score(PLAIN, 1, 10)).isZero();
        assertThat(score(PLAIN, 2, 11)).isEqualTo(Judgement.HIGHEST_SCORE);
    }

    private static Policy policy(long warmUp, Direction direction, long quiet) {
        return new Policy(warmUp, direction, quiet, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    }

    private double score(Policy policy, long second, double value) {
        policy.take(band, series, second * SECOND, value, judgement);
        return judgement.score();
    }

    private int anomaly(Policy policy, long second, double value) {
        score(policy, second, value);
        return judgement.anomaly();
    }

    @Test
    void aMethodMaySetAScoreThatIsNotTheDistanceFromTheBand() {
        Method<Fixed> own = new FixedBand() {
            @Override
            public boolean judge(Fixed series, long time, double value, Judgement judgement) {
                judgement.band(10, 8, 14);
                judgement.score(-1e9);
                judgement.detail("learnt", judgement.isLearnt() ? "yes" : "no");
                return true;
            }
        };
        PLAIN.take(own, series, 10 * SECOND, 10, judgement);
        assertThat(judgement.score()).isEqualTo(-Judgement.HIGHEST_SCORE);
        assertThat(judgement.anomaly()).isEqualTo(-1);
        assertThat(judgement.details()).containsEntry("learnt", "yes");
        PLAIN.take(own, series, 9 * SECOND, 10, judgement);
        assertThat(judgement.details()).as("a late point").containsEntry("learnt", "no");
        score(PLAIN, 11, 10);
        assertThat(judgement.score()).as("of the next point").isZero();
        assertThat(judgement.details()).isEmpty();
    }

    private static final class Fixed extends Watched {}

    /** 10 is expected, 8 to 14 is usual. */
    private static class FixedBand implements Method<Fixed> {
        private double below = 2;
        private double above = 4;
        private int learnt;

        @Override
        public Fixed fresh() {
            return new Fixed();
        }

        @Override
        public boolean judge(Fixed series, long time, double value, Judgement judgement) {
            judgement.band(10, 10 - below, 10 + above);
            return true;
        }

        @Override
        public void learn(Fixed series, long time, double value, Judgement judgement) {
            learnt++;
        }
    }
}
