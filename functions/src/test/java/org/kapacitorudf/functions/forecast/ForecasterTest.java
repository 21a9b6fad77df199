package org.kapacitorudf.functions.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.series.Order;

@Tag("one-jdk")
class ForecasterTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final int DAY = 24;
    private static final int WEEK = 168;
    private static final double NONE = Double.NEGATIVE_INFINITY;

    private record Given(int lead, long time, double value, double lower, double upper) {}

    private final ForecastSeries series = new ForecastSeries();
    private final List<Given> given = new ArrayList<>();
    private Forecaster forecaster = daily(Gains.GRID);

    @Test
    void aSeriesThatRepeatsEveryWeekIsForecast() {
        learn(0, 5 * WEEK, ForecasterTest::office);
        List<Given> last = last();
        assertThat(last).extracting(Given::lead).startsWith(1, 2, 3).endsWith(DAY);
        for (Given each : last) {
            int hour = (int) (each.time / HOUR);
            assertThat(hour).isEqualTo(5 * WEEK - 1 + each.lead);
            assertThat(each.value).isCloseTo(office(hour), within(0.5));
            assertThat(each.lower).isLessThanOrEqualTo(each.value);
            assertThat(each.upper).isGreaterThanOrEqualTo(each.value);
        }
    }

    /** The model with the best forecasts over the whole horizon must be one with a trend. */
    @Test
    void aTrendGoesOn() {
        Random random = new Random(1);
        learn(0, 6 * WEEK, hour -> 0.1 * hour + office(hour) + random.nextGaussian());
        for (Given each : last()) {
            int hour = (int) (each.time / HOUR);
            assertThat(each.value).isCloseTo(0.1 * hour + office(hour), within(4.0));
        }
    }

    @Test
    void theFirstForecastComesAfterASeasonTheHorizonAndAFewIntervals() {
        learn(0, DAY + DAY + Band.FEWEST - 2, ForecasterTest::office);
        assertThat(given).isEmpty();
        learn(DAY + DAY + Band.FEWEST - 2, 1, ForecasterTest::office);
        assertThat(given).hasSize(DAY);
    }

    /** The band of 80 % on kinds of noise: 60 series each, all forecasts of the fifth week. */
    @Test
    void theBandHoldsAsManyValuesAsItSays() {
        for (String noise : List.of("gaussian", "heavy", "skewed", "correlated")) {
            int inside = 0;
            int all = 0;
            for (int seed = 0; seed < 60; seed++) {
                Random random = new Random(seed);
                double[] values = new double[5 * WEEK];
                double correlated = 0;
                for (int hour = 0; hour < values.length; hour++) {
                    double gaussian = random.nextGaussian();
                    correlated = 0.8 * correlated + gaussian;
                    values[hour] = office(hour)
                            + switch (noise) {
                                case "heavy" -> gaussian * (random.nextInt(10) == 0 ? 5 : 1);
                                case "skewed" -> Math.exp(gaussian);
                                case "correlated" -> correlated;
                                default -> gaussian;
                            };
                }
                ForecastSeries one = new ForecastSeries();
                for (int hour = 0; hour < values.length - DAY; hour++) {
                    given.clear();
                    forecaster.take(one, hour * HOUR, values[hour], this::give);
                    for (Given each : hour < 4 * WEEK ? List.<Given>of() : given) {
                        double value = values[(int) (each.time / HOUR)];
                        inside += value >= each.lower && value <= each.upper ? 1 : 0;
                        all++;
                    }
                }
            }
            assertThat(100.0 * inside / all).as(noise).isBetween(75.0, 85.0);
        }
    }

    @Test
    void aWiderCoverageGivesAWiderBand() {
        IntToDoubleFunction noisy = hour -> office(hour) + new Random(hour).nextGaussian();
        learn(0, 4 * WEEK, noisy);
        Given narrow = last().get(5);
        Forecaster wide = new Forecaster(Gains.GRID, HOUR, DAY, WEEK, DAY, 0.95, NONE, 1e9);
        ForecastSeries other = new ForecastSeries();
        for (int hour = 0; hour < 4 * WEEK; hour++) {
            wide.take(other, hour * HOUR, noisy.applyAsDouble(hour), this::give);
        }
        assertThat(last().get(5).value).isEqualTo(narrow.value);
        assertThat(last().get(5).upper - last().get(5).lower).isGreaterThan(1.2 * (narrow.upper - narrow.lower));
    }

    @Test
    void anIntervalHasTheMeanOfItsPointsAndEndsWithAPointAtItsEnd() {
        Forecaster minutes = new Forecaster(Gains.FIXED, 60, 0, 0, 1, 0.8, NONE, 1e9);
        for (int i = 1; i <= 60; i++) {
            minutes.take(series, i * 60 - 50, 1, this::give);
            minutes.take(series, i * 60 - 20, 2, this::give);
            int before = given.size();
            minutes.take(series, i * 60, 6, this::give);
            assertThat(given).hasSize(i >= HoltWinters.FEWEST_FIRST + Band.FEWEST ? before + 1 : before);
            minutes.take(series, i * 60, 1e6, this::give);
        }
        assertThat(last(1)).isEqualTo(List.of(new Given(1, 61 * 60, 3, 3, 3)));
    }

    @Test
    void anIntervalWithoutAPointAtItsEndIsCompleteWithTheNextPoint() {
        Forecaster minutes = new Forecaster(Gains.FIXED, 60, 0, 0, 1, 0.8, NONE, 1e9);
        for (int i = 1; i <= 40; i++) {
            minutes.take(series, i * 60 - 50, 3, this::give);
        }
        assertThat(last(1)).isEqualTo(List.of(new Given(1, 40 * 60, 3, 3, 3)));
    }

    @Test
    void afterAGapTheSeasonsGoOn() {
        learn(0, 4 * WEEK, ForecasterTest::office);
        learn(4 * WEEK + 40, 3, ForecasterTest::office);
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(office((int) (each.time / HOUR)), within(0.5));
        }
    }

    @Test
    void afterAGapOfAMonthTheSeriesBeginsAgain() {
        learn(0, 4 * WEEK, ForecasterTest::office);
        given.clear();
        int begin = 4 * WEEK + Forecaster.MOST_GAP * WEEK;
        learn(begin, DAY, hour -> 1e6);
        assertThat(given).isEmpty();
        learn(begin + DAY, 3 * DAY, hour -> 1e6);
        assertThat(last()).allSatisfy(each -> assertThat(each.value).isEqualTo(1e6));
    }

    @Test
    void aGapInTheFirstSeasonIsFilled() {
        learn(0, 10, ForecasterTest::office);
        learn(16, 4 * WEEK, ForecasterTest::office);
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(office((int) (each.time / HOUR)), within(1.0));
        }
    }

    @Test
    void aLevelThatHasShiftedIsFollowedAfterADay() {
        Random random = new Random(2);
        learn(0, 4 * WEEK, hour -> office(hour) + random.nextGaussian());
        learn(4 * WEEK, DAY, hour -> 300 + office(hour) + random.nextGaussian());
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(300 + office((int) (each.time / HOUR)), within(6.0));
        }
    }

    @Test
    void aFewHoursFarAwayDoNotMoveTheForecast() {
        Random random = new Random(3);
        learn(0, 4 * WEEK, hour -> office(hour) + random.nextGaussian());
        learn(4 * WEEK, 3, hour -> 1e6);
        learn(4 * WEEK + 3, DAY, hour -> office(hour) + random.nextGaussian());
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(office((int) (each.time / HOUR)), within(10.0));
        }
    }

    @Test
    void anAbsurdIntervalAmongTheFirstErrorsDoesNotSpoilTheBand() {
        IntToDoubleFunction noisy = hour -> office(hour) + new Random(hour).nextGaussian();
        learn(0, 3 * WEEK, noisy);
        List<Given> usual = List.copyOf(last());
        ForecastSeries other = new ForecastSeries();
        for (int hour = 0; hour < 3 * WEEK; hour++) {
            forecaster.take(other, hour * HOUR, hour == 30 ? 1e9 : noisy.applyAsDouble(hour), this::give);
        }
        for (int lead = 0; lead < DAY; lead++) {
            Given each = last().get(lead);
            assertThat(each.upper - each.lower)
                    .as("lead %d", lead)
                    .isLessThan(2 * (usual.get(lead).upper - usual.get(lead).lower));
        }
    }

    @Test
    void aConstantIsForecastExactlyAndItsFirstChangeIsLearnt() {
        learn(0, 2 * WEEK, hour -> 0.1);
        assertThat(last()).allSatisfy(each -> {
            assertThat(each.value).isEqualTo(0.1);
            assertThat(each.upper - each.lower).isZero();
        });
        learn(2 * WEEK, WEEK, hour -> 7);
        assertThat(last()).allSatisfy(each -> assertThat(each.value).isCloseTo(7, within(0.1)));
    }

    @Test
    void withoutSeasonsTheForecastIsTheLevel() {
        forecaster = new Forecaster(Gains.GRID, HOUR, 0, 0, 6, 0.8, NONE, 1e9);
        Random random = new Random(4);
        learn(0, 500, hour -> 20 + random.nextGaussian());
        assertThat(last(6)).allSatisfy(each -> assertThat(each.value).isCloseTo(20, within(1.5)));
    }

    @Test
    void oneSeasonOnly() {
        forecaster = new Forecaster(Gains.GRID, HOUR, DAY, 0, DAY, 0.8, NONE, 1e9);
        learn(0, 3 * WEEK, hour -> Math.sin(2 * Math.PI * hour / DAY));
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(Math.sin(2 * Math.PI * (each.time / HOUR) / DAY), within(0.05));
        }
    }

    /** If the horizon is longer than both seasons, slots change between a forecast and its value. */
    @Test
    void aHorizonMayBeLongerThanTheSeasons() {
        forecaster = new Forecaster(Gains.GRID, HOUR, 6, 12, 30, 0.8, NONE, 1e9);
        learn(0, 200, hour -> hour % 6 + (hour % 12 == 3 ? 5 : 0));
        for (Given each : last(30)) {
            long hour = each.time / HOUR;
            assertThat(each.value).isCloseTo(hour % 6 + (hour % 12 == 3 ? 5 : 0), within(0.3));
        }
    }

    @Test
    void smallChangesOfALargeCounterAreForecast() {
        learn(0, 5 * WEEK, hour -> 1e12 + 1000 * office(hour));
        for (Given each : last()) {
            assertThat(each.value).isCloseTo(1e12 + 1000 * office((int) (each.time / HOUR)), within(500.0));
        }
    }

    @Test
    void nothingIsForecastBeyondWhatIsPossible() {
        forecaster = new Forecaster(Gains.GRID, HOUR, DAY, WEEK, DAY, 0.8, 0, 100);
        Random random = new Random(5);
        learn(0, 3 * WEEK, hour -> Math.max(0, Math.min(100, 50 + 60 * Math.sin(hour / 4.0) + random.nextGaussian())));
        assertThat(given).allSatisfy(each -> {
            assertThat(each.lower).isBetween(0.0, each.value);
            assertThat(each.upper).isBetween(each.value, 100.0);
        });
    }

    @Test
    void aLatePointAndADuplicateChangeNothing() {
        learn(0, 4 * DAY, ForecasterTest::office);
        int before = given.size();
        assertThat(forecaster.take(series, 4 * DAY * HOUR - HOUR, office(4 * DAY - 1), this::give))
                .isEqualTo(Order.DUPLICATE);
        assertThat(forecaster.take(series, 5 * HOUR, 1e6, this::give)).isEqualTo(Order.LATE);
        assertThat(given).hasSize(before);
    }

    @Test
    void whenTheClockWasSetBackTheSeriesBeginsAgain() {
        learn(10 * WEEK, 2 * WEEK, hour -> 5);
        learn(0, 4 * DAY, hour -> 9);
        assertThat(last()).allSatisfy(each -> assertThat(each.value).isEqualTo(9));
    }

    @Test
    void withOtherOptionsTheSeriesBeginsAgain() {
        learn(0, 2 * WEEK, hour -> 5);
        List<Forecaster> others = List.of(
                new Forecaster(Gains.FIXED, HOUR, DAY, WEEK, DAY, 0.8, NONE, 1e9),
                new Forecaster(Gains.FIXED, HOUR, DAY, WEEK, 5, 0.8, NONE, 1e9),
                new Forecaster(Gains.FIXED, HOUR, 6, WEEK, 5, 0.8, NONE, 1e9),
                new Forecaster(Gains.FIXED, HOUR, 6, 0, 5, 0.8, NONE, 1e9),
                new Forecaster(Gains.FIXED, HOUR / 2, 6, 0, 5, 0.8, NONE, 1e9));
        int hour = 2 * WEEK;
        for (Forecaster other : others) {
            forecaster = other;
            given.clear();
            learn(hour, 10, each -> 5);
            assertThat(given).isEmpty();
            learn(hour + 10, 4 * DAY, each -> 5);
            assertThat(given).isNotEmpty();
            hour += 10 + 4 * DAY;
        }
    }

    @Test
    void timesAtTheEndOfTheWorldAreNoForecast() {
        forecaster = new Forecaster(Gains.FIXED, HOUR, 0, 0, 5, 0.8, NONE, 1e9);
        long end = Long.MAX_VALUE / HOUR;
        for (long hour = end - 60; hour <= end; hour++) {
            forecaster.take(series, hour * HOUR, 1, this::give);
        }
        assertThat(given).isNotEmpty().allSatisfy(each -> assertThat(each.time).isPositive());
        assertThat(last(1).get(0).time).isEqualTo(end * HOUR);
    }

    @Test
    void lengthsThatCannotBeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Forecaster(Gains.GRID, HOUR, 1, 0, 1, 0.8, NONE, 1))
                .withMessage("season: 1 (expected: >= 2 and <= 2016)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Forecaster(Gains.GRID, HOUR, 0, 2017, 1, 0.8, NONE, 1))
                .withMessage("longSeason: 2017 (expected: >= 0 and <= 2016)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Forecaster(Gains.GRID, HOUR, 0, 0, 289, 0.8, NONE, 1))
                .withMessage("leads: 289 (expected: >= 1 and <= 288)");
    }

    private static Forecaster daily(List<Gains> models) {
        return new Forecaster(models, HOUR, DAY, WEEK, DAY, 0.8, NONE, Double.POSITIVE_INFINITY);
    }

    private void learn(int fromHour, int hours, IntToDoubleFunction values) {
        for (int hour = fromHour; hour < fromHour + hours; hour++) {
            forecaster.take(series, hour * HOUR, values.applyAsDouble(hour), this::give);
        }
    }

    private void give(int lead, long time, double value, double lower, double upper) {
        given.add(new Given(lead, time, value, lower, upper));
    }

    private List<Given> last() {
        return last(DAY);
    }

    private List<Given> last(int count) {
        return given.subList(given.size() - count, given.size());
    }

    /** A day with work from 8 to 18 o'clock, from Monday to Friday. */
    private static double office(int hour) {
        boolean isWork = hour / DAY % 7 < 5 && hour % DAY >= 8 && hour % DAY < 18;
        return (isWork ? 60 : 20) + 5 * Math.sin(2 * Math.PI * hour / DAY);
    }
}
