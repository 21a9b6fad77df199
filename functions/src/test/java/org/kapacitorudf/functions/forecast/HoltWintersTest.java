package org.kapacitorudf.functions.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-jdk")
class HoltWintersTest {
    private static final Gains GAINS = new Gains(0.1, 0.05, 0.3, 0.2);
    private static final int SEASON = 4;
    private static final int LONG_SEASON = 12;
    private static final int LEADS = 30;

    private final ForecastSeries series = new ForecastSeries();

    /** Compared with the recursions in doubles, without bounds. */
    @Test
    void theForecastIsThatOfTheFormulas() {
        HoltWinters models = models(GAINS);
        double[] values = values(new Random(1), 300);
        begin(models, values);
        double level = 0;
        double slope = 0;
        double[] season = new double[SEASON];
        double[] longSeason = new double[LONG_SEASON];
        double origin = series.origin;
        for (int t = 0; t < SEASON; t++) {
            season[t] = values[t] - origin;
        }
        double error = 0;
        double products = 0;
        double squares = 0;
        double weight = 1 - Math.pow(0.5, 1 / 168.0);
        for (int t = SEASON; t < values.length; t++) {
            double before = error;
            error = values[t] - origin - level - slope - season[t % SEASON] - longSeason[t % LONG_SEASON];
            level += slope + 0.1 * error;
            slope += 0.1 * 0.05 * error;
            season[t % SEASON] += Math.max(0.3, 1.0 / ((t + 1) / SEASON + 1)) * error;
            longSeason[t % LONG_SEASON] += Math.max(0.2, 1.0 / ((t + 1) / LONG_SEASON + 1)) * error;
            products += weight * (error * before - products);
            squares += weight * (before * before - squares);
            models.learn(series, values[t]);
            double phi = Math.max(0, Math.min(0.98, products / squares));
            for (int lead = 1; t > SEASON && lead <= LEADS; lead++) {
                double expected = origin
                        + level
                        + lead * slope
                        + season[(t + lead) % SEASON]
                        + longSeason[(t + lead) % LONG_SEASON]
                        + Math.pow(phi, lead) * error;
                assertThat(models.forecast(series, 0, lead))
                        .as("at %d, %d ahead", t, lead)
                        .isCloseTo(expected, within(1e-4));
            }
        }
    }

    /** The loss is computed from recomputed forecasts, with the seasons at that time and the current phi. */
    @Test
    void theErrorsOfAllLeadTimesAreThoseOfTheForecastsThatWereMade() {
        HoltWinters models = models(GAINS);
        double[] values = values(new Random(5), 120);
        begin(models, values);
        double[][] withoutPhi = new double[values.length][LEADS + 1];
        for (int lead = 1; lead <= LEADS; lead++) {
            withoutPhi[SEASON - 1][lead] = models.forecast(series, 0, lead);
        }
        double[] lastErrors = new double[values.length];
        double loss = 0;
        for (int t = SEASON; t < values.length; t++) {
            double sum = 0;
            int known = Math.min(LEADS, t - SEASON + 1);
            for (int lead = 1; lead <= known; lead++) {
                double forecast = withoutPhi[t - lead][lead] + Math.pow(phi(), lead) * lastErrors[t - lead];
                sum += Math.abs(values[t] - forecast);
            }
            loss += (1 - Math.pow(0.5, 1 / 168.0)) * (sum / known - loss);
            models.learn(series, values[t]);
            assertThat((double) series.losses[0]).as("at %d", t).isCloseTo(loss, within(0.01 * loss));
            lastErrors[t] = series.pastErrors[t % LEADS];
            for (int lead = 1; lead <= LEADS; lead++) {
                withoutPhi[t][lead] = models.forecast(series, 0, lead) - Math.pow(phi(), lead) * lastErrors[t];
            }
        }
    }

    private double phi() {
        return series.squares[0] > 0 ? Math.max(0, Math.min(0.98, series.products[0] / series.squares[0])) : 0;
    }

    @Test
    void theModelWithTheClosestForecastsIsUsed() {
        Gains slow = new Gains(0.001, 0, 0.01, 0.01);
        Gains withTrend = new Gains(0.3, 0.3, 0.01, 0.01);
        HoltWinters models = models(slow, withTrend);
        double[] values = new double[400];
        for (int t = 0; t < values.length; t++) {
            values[t] = (t < 50 ? 0 : 2.0 * (t - 50)) + new Random(t).nextGaussian();
        }
        begin(models, values);
        for (int t = SEASON; t < values.length; t++) {
            models.learn(series, values[t]);
        }
        assertThat(HoltWinters.best(series)).isEqualTo(1);
        assertThat(models.forecast(series, 1, 10)).isCloseTo(2 * (399 + 10 - 50), within(15.0));
    }

    @Test
    void oneValueFarAwayIsLearntAsAFewUsualErrorsOnly() {
        HoltWinters models = models(GAINS);
        double[] values = values(new Random(2), 200);
        begin(models, values);
        for (int t = SEASON; t < 150; t++) {
            models.learn(series, values[t]);
        }
        double usual = series.scale;
        double level = series.levels[0];
        models.learn(series, 1e9);
        assertThat(series.levels[0])
                .isCloseTo(level, within(0.1 * HoltWinters.FAR * usual + Math.abs(series.slopes[0]) * 2));
        assertThat(series.scale).isLessThan(1.5 * usual);
    }

    @Test
    void afterAFewValuesFarOnOneSideTheLevelHasShifted() {
        HoltWinters models = models(GAINS);
        double[] values = values(new Random(3), 400);
        begin(models, values);
        for (int t = SEASON; t < 200; t++) {
            models.learn(series, values[t]);
        }
        assertThat(series.scale).isLessThan(50);
        float[] season = series.seasons.clone();
        for (int t = 200; t < 200 + HoltWinters.FEWEST_FAR; t++) {
            models.learn(series, values[t] + 500);
        }
        assertThat(series.origins).isEqualTo(1);
        assertThat(series.seasons).containsExactly(season, within(1e-4f));
        for (int lead = 1; lead <= SEASON; lead++) {
            assertThat(models.forecast(series, 0, lead))
                    .isCloseTo(
                            values[199 + HoltWinters.FEWEST_FAR + lead] + 500, within(HoltWinters.FAR * series.scale));
        }
    }

    @Test
    void aSeriesWithoutSeasonsHasOne() {
        HoltWinters models = new HoltWinters(Gains.GRID, 0, 0, 5, new Band(0.1));
        Random random = new Random(4);
        series.first = random.doubles(models.firstLength(), 10, 12).toArray();
        series.last = models.firstLength() - 1;
        models.begin(series);
        for (int t = 0; t < 500; t++) {
            models.learn(series, 10 + 2 * random.nextDouble());
        }
        assertThat(models.forecast(series, HoltWinters.best(series), 5)).isCloseTo(11, within(0.5));
    }

    private static HoltWinters models(Gains... gains) {
        return new HoltWinters(List.of(gains), SEASON, LONG_SEASON, LEADS, new Band(0.1));
    }

    private void begin(HoltWinters models, double[] values) {
        series.first = Arrays.copyOf(values, SEASON);
        series.last = SEASON - 1;
        models.begin(series);
        series.scale = 1e3; // nothing counts as far away until the usual error is known
    }

    private static double[] values(Random random, int length) {
        double[] values = new double[length];
        for (int t = 0; t < length; t++) {
            values[t] = 50 + 0.1 * t + 10 * (t % SEASON) + 5 * (t % LONG_SEASON == 7 ? 1 : 0) + random.nextGaussian();
        }
        return values;
    }
}
