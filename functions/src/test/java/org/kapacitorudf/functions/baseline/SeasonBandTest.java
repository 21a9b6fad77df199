package org.kapacitorudf.functions.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.series.Series;

class SeasonBandTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final int DAY = 288;

    private final SeasonBand band = new SeasonBand(day(), 4, 86_400, 21 * 86_400);
    private final SeasonSeries series = band.fresh();
    private final Policy policy =
            new Policy(0, Direction.BOTH, 12 * 3600, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    private final Judgement judgement = new Judgement();
    private final Random random = new Random(1);
    private int points;

    @Test
    void aValueThatIsUsualAtNoonIsUnusualAtNight() {
        days(10, 0);
        for (int i = 0; i < DAY / 4; i++) {
            take(rhythm(points));
            assertThat(judgement.isUnusual()).isFalse();
        }
        take(rhythm(points + DAY / 2));
        assertThat(judgement.anomaly()).isNotZero();
    }

    @Test
    void aBucketIsReadyAfterThreeDays() {
        days(3, 0);
        take(rhythm(points));
        assertThat(judgement.isReady()).isTrue();
        SeasonBandTest other = new SeasonBandTest();
        other.days(2, 0);
        other.take(other.rhythm(other.points));
        assertThat(other.judgement.isReady()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60, 225, 300, 3600})
    void noBucketIsReadyInTheFirstTwoDaysHoweverCloseThePointsAre(int intervalSeconds) {
        int readyOnDay = 0;
        for (long seconds = 0; readyOnDay == 0 && seconds < 5 * 86_400; seconds += intervalSeconds) {
            policy.take(band, series, seconds * 1_000_000_000L, 1 + seconds % 3, judgement);
            if (seconds % 86_400 >= 3600 && judgement.isReady()) { // the first bucket counts as a whole visit at once
                readyOnDay = 1 + (int) (seconds / 86_400);
            }
        }
        assertThat(readyOnDay).isBetween(3, 5);
    }

    @Test
    void anAnomalyIsNotLearntUntilItHasLastedForTheTimeToRelearn() {
        days(10, 0);
        float before = series.centers[0];
        int alerts = days(1, 100);
        assertThat(alerts).isBetween(1, 3);
        assertThat(series.centers[0] + series.level).isCloseTo(before, within(3f));
        days(10, 100);
        take(rhythm(points) + 100);
        assertThat(judgement.isUnusual()).isFalse();
    }

    @Test
    void anAlertWidensTheBandOnItsSideAndItNarrowsAgain() {
        days(10, 0);
        float before = series.widerUp;
        take(rhythm(points) + 500);
        assertThat(judgement.anomaly()).isEqualTo(1);
        assertThat(series.widerUp).isCloseTo((float) (SeasonBand.WIDEN * before), within(0.01f));
        assertThat(series.widerDown).isLessThan(2);
        days(50, 0);
        assertThat(series.widerUp).isLessThan(2);
    }

    @Test
    void aConstantNeverAlerts() {
        for (int i = 0; i < 10 * DAY; i++) {
            take(0.1);
            assertThat(judgement.anomaly()).isZero();
        }
        take(5);
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @Test
    void twoFirstPointsWithTheSameTimeLeaveAllNumbersFinite() {
        take(0, 5);
        take(0, 7);
        itIsLearntInTenDays();
    }

    @Test
    void aClockThatIsSetBackOnTheFirstDayLeavesAllNumbersFinite() {
        for (int hour = 0; hour < 12; hour++) {
            take(12 * hour, rhythm(12 * hour));
        }
        for (int i = 0; i <= Series.MOST_LATE; i++) {
            take(60 + i % 12, rhythm(60 + i % 12));
        }
        points = 72;
        itIsLearntInTenDays();
    }

    @Test
    void whatWasSavedWithoutFiniteNumbersIsLearntAgain() {
        days(5, 0);
        series.spread = series.mean = series.swing = series.level = Float.NaN;
        series.centers[3] = Float.NaN;
        itIsLearntInTenDays();
        series.widerUp = Float.POSITIVE_INFINITY;
        days(1, 0);
        assertThat(series.widerUp).isFinite();
    }

    private void itIsLearntInTenDays() {
        days(10, 0);
        take(rhythm(points) + 500);
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60})
    void alertsOnABandWithoutWidthDoNotWidenIt(int minutes) {
        Policy loud = new Policy(0, Direction.BOTH, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
        int alerts = 0;
        for (int minute = 0; minute < (21 + 12) * 1440; minute += minutes) {
            boolean isFive = minute >= 21 * 1440 && minute < 21 * 1440 + 25 * 60;
            loud.take(band, series, minute * MINUTE, isFive ? 5 : 0, judgement);
            assertThat(judgement.upper()).isFinite();
            alerts += judgement.anomaly();
        }
        assertThat(alerts).isGreaterThan(20);
        loud.take(band, series, 33 * 1440 * MINUTE, 1e6, judgement);
        assertThat(judgement.upper()).isLessThan(1e3);
        assertThat(judgement.anomaly()).isEqualTo(1);
    }

    @Test
    void theQuantilesAreThoseOfTheNormalDistribution() {
        assertThat(SeasonBand.normalQuantile(0.025)).isCloseTo(1.959964, within(5e-4));
        assertThat(SeasonBand.normalQuantile(0.001)).isCloseTo(3.090232, within(5e-4));
        assertThat(SeasonBand.normalQuantile(1e-6)).isCloseTo(4.753424, within(5e-4));
    }

    @Test
    void theBucketFollowsTheClockOnTheWall() {
        Season berlin = new Season(Season.DAY_SECONDS, 3600, ZoneId.of("Europe/Berlin"));
        assertThat(berlin.bucket(nanos("2024-01-15T07:30:00Z"))).isEqualTo(8);
        assertThat(berlin.bucket(nanos("2024-07-15T07:30:00Z"))).isEqualTo(9);
        assertThat(berlin.bucket(nanos("2024-03-31T00:59:59Z"))).isEqualTo(1);
        assertThat(berlin.bucket(nanos("2024-03-31T01:00:00Z"))).isEqualTo(3);
        assertThat(berlin.bucket(nanos("2024-01-15T07:30:00Z"))).isEqualTo(8);
    }

    @Test
    void aWeekBeginsOnMonday() {
        Season week = new Season(Season.WEEK_SECONDS, 3600, ZoneOffset.UTC);
        assertThat(week.bucket(nanos("2024-01-15T00:00:00Z"))).isZero();
        assertThat(week.bucket(nanos("2024-01-21T23:00:00Z"))).isEqualTo(167);
    }

    @Test
    void aBucketThatDoesNotDivideTheSeasonIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Season(Season.DAY_SECONDS, 7000, ZoneOffset.UTC))
                .withMessageStartingWith("bucket: 7000s (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Season(Season.WEEK_SECONDS, 60, ZoneOffset.UTC))
                .withMessageContaining("at most 2016 buckets");
    }

    private static Season day() {
        return new Season(Season.DAY_SECONDS, 3600, ZoneOffset.UTC);
    }

    private static long nanos(String time) {
        return Instant.parse(time).getEpochSecond() * 1_000_000_000L;
    }

    private double rhythm(int point) {
        return 100 + 50 * Math.sin(2 * Math.PI * (point % DAY) / DAY) + random.nextGaussian();
    }

    private int days(int days, double shift) {
        int alerts = 0;
        for (int i = 0; i < days * DAY; i++) {
            take(rhythm(points) + shift);
            alerts += Math.abs(judgement.anomaly());
        }
        return alerts;
    }

    private void take(double value) {
        take(points++, value);
    }

    private void take(int point, double value) {
        policy.take(band, series, point * 5 * MINUTE, value, judgement);
        assertThat(judgement.lower()).isFinite();
        assertThat(judgement.upper()).isFinite();
        assertThat(judgement.score()).isFinite();
    }
}
