package org.kapacitorudf.functions.forecast;

import java.util.Arrays;
import org.kapacitorudf.functions.baseline.SeasonBand;

/**
 * The band of each lead time: two quantiles of the errors of its forecasts, in multiples of the mean error. They are
 * found by stochastic approximation (Robbins, Monro 1951; Tierney 1983): a quantile moves up when an error is above it
 * and down when it is not, by steps that stand to each other as the shares of errors that belong there.
 *
 * @param outside the share of errors that is beyond the band, on each side
 */
record Band(double outside) {
    /** Errors before a band is known. */
    static final int FEWEST = 20;

    /** The weight of an error in the mean is that of a mean of all at first, and never less than this. */
    private static final double LEAST_WEIGHT = 0.006;

    /** The step of a quantile, in mean distances: {@link #STEPS} divided by the number of errors, within bounds. */
    private static final double STEPS = 2;

    private static final double LEAST_STEP = 0.02;
    private static final double MOST_STEP = 0.2;

    /** Quantiles that follow the errors hold less of the next ones than they aim at, so the aim is further out. */
    private static final double AIM = 0.9;

    /** An error counts for at most this many usual ones, once there were some. */
    private static final double MOST = 8;

    private static final int MOST_SEEN = 10_000;
    private static final int FEWEST_USUAL = 10;

    /** From the standard deviation of Gaussian noise to its mean distance. */
    private static final double MEAN_DISTANCE = Math.sqrt(2 / Math.PI);

    void begin(ForecastSeries series, int leads) {
        series.spreads = new float[leads];
        series.lower = new float[leads];
        series.upper = new float[leads];
        series.seen = new int[leads];
        float gaussian = (float) (SeasonBand.normalQuantile(outside) / MEAN_DISTANCE);
        Arrays.fill(series.lower, -gaussian);
        Arrays.fill(series.upper, gaussian);
    }

    /**
     * Learns from an error.
     *
     * @param lead from 0 on
     * @param usual how many errors there were since the seasons are known: before that, the quantiles stay those of
     * Gaussian noise
     */
    void learn(ForecastSeries series, int lead, double error, int usual) {
        int seen = Math.min(series.seen[lead] + 1, MOST_SEEN);
        series.seen[lead] = seen;
        double spread = series.spreads[lead];
        if (usual > 0 && spread > 0) {
            double step = Math.max(LEAST_STEP, Math.min(MOST_STEP, STEPS / usual));
            boolean isBelowUpper = error <= series.upper[lead] * spread;
            boolean isBelowLower = error < series.lower[lead] * spread;
            series.upper[lead] += (float) (step * (1 - AIM * outside - (isBelowUpper ? 1 : 0)));
            series.lower[lead] += (float) (step * (AIM * outside - (isBelowLower ? 1 : 0)));
        }
        double distance = Math.abs(error);
        if (seen > FEWEST_USUAL && spread > 0) {
            distance = Math.min(distance, MOST * spread);
        }
        series.spreads[lead] += (float) (Math.max(LEAST_WEIGHT, 1.0 / seen) * (distance - spread));
    }

    boolean isKnown(ForecastSeries series) {
        return series.seen.length > 0 && series.seen[series.seen.length - 1] >= FEWEST;
    }

    /** How far the band reaches below the forecast: 0 or negative. */
    double lower(ForecastSeries series, int lead) {
        return Math.min(0, series.lower[lead]) * series.spreads[lead];
    }

    /** How far the band reaches above the forecast. */
    double upper(ForecastSeries series, int lead) {
        return Math.max(0, series.upper[lead]) * series.spreads[lead];
    }
}
