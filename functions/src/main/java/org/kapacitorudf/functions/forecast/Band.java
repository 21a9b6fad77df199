package org.kapacitorudf.functions.forecast;

import java.util.Arrays;
import org.kapacitorudf.functions.baseline.SeasonBand;

/**
 * The band of each lead time: two quantiles of its forecast errors, in multiples of the mean error. They are found by
 * stochastic approximation (Robbins, Monro 1951; Tierney 1983): a quantile moves up if an error is above it and down
 * otherwise. The steps are proportional to the expected shares of errors: the step up to the share below the quantile,
 * the step down to the share above it.
 *
 * @param outside the share of errors outside the band, on each side
 */
record Band(double outside) {
    /** The number of errors that must be known before there is a band. */
    static final int FEWEST = 20;

    /** The minimum weight of a new error in the mean. While there are few errors, the mean is a plain mean. */
    private static final double LEAST_WEIGHT = 0.006;

    /**
     * A quantile moves in steps of this number divided by the number of errors, within bounds. The unit of a step is
     * the mean error.
     */
    private static final double STEPS = 2;

    private static final double LEAST_STEP = 0.02;
    private static final double MOST_STEP = 0.2;

    /**
     * The target for the share of errors outside the band is multiplied by this factor: quantiles that are learnt from
     * past errors cover fewer of the next errors than intended.
     */
    private static final double AIM = 0.9;

    /**
     * An error is limited to this multiple of the usual error, once the usual error is known; before that, to a
     * multiple of the scale of the series.
     */
    private static final double MOST = 8;

    private static final int MOST_SEEN = 10_000;
    private static final int FEWEST_USUAL = 10;

    /** The mean absolute deviation of Gaussian noise, in standard deviations. */
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
     * @param lead the number of the lead time, from 0
     * @param usual the number of errors since the seasons became known, negative before; until it is positive, the
     *     quantiles remain those of Gaussian noise
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
        } else if (series.scale > 0) {
            distance = Math.min(distance, HoltWinters.MOST_IN_LOSS * series.scale);
        }
        series.spreads[lead] += (float) (Math.max(LEAST_WEIGHT, 1.0 / seen) * (distance - spread));
    }

    boolean isKnown(ForecastSeries series) {
        return series.seen.length > 0 && series.seen[series.seen.length - 1] >= FEWEST;
    }

    /** The offset of the lower end of the band from the forecast: 0 or negative. */
    double lower(ForecastSeries series, int lead) {
        return Math.min(0, series.lower[lead]) * series.spreads[lead];
    }

    /** The offset of the upper end of the band from the forecast. */
    double upper(ForecastSeries series, int lead) {
        return Math.max(0, series.upper[lead]) * series.spreads[lead];
    }
}
