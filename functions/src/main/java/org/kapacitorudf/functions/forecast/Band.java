package org.kapacitorudf.functions.forecast;

/**
 * The band of each lead time: two quantiles of the errors of its forecasts, by stochastic approximation (Robbins, Monro 1951; Tierney 1983). A quantile moves up when
 * an error is above it and down when it is not, by steps that stand to each other as the shares of errors that belong there.
 *
 * @param outside the share of errors that is beyond the band, on each side
 */
record Band(double outside) {
    /** Errors before a band is known. */
    static final int FEWEST = 20;

    private static final double LEAST_WEIGHT = 0.02;

    /** An error counts for at most this many usual ones, once there were some. */
    private static final double MOST = 8;

    private static final int FEWEST_USUAL = 10;

    /** The step of a quantile, in mean distances. */
    private static final double STEP = 2;

    void begin(ForecastSeries series, int leads) {
        series.spreads = new float[leads];
        series.lower = new float[leads];
        series.upper = new float[leads];
        series.seen = new byte[leads];
    }

    /** @param lead from 0 on */
    void learn(ForecastSeries series, int lead, double error) {
        int seen = Math.min(series.seen[lead] + 1, Byte.MAX_VALUE);
        series.seen[lead] = (byte) seen;
        double weight = Math.max(LEAST_WEIGHT, 1.0 / seen);
        double spread = series.spreads[lead];
        double distance = Math.abs(error);
        if (seen > FEWEST_USUAL && spread > 0) {
            distance = Math.min(distance, MOST * spread);
        }
        series.spreads[lead] += (float) (weight * (distance - spread));
        double step = weight * STEP * series.spreads[lead];
        series.upper[lead] += (float) (step * (1 - outside - (error <= series.upper[lead] ? 1 : 0)));
        series.lower[lead] += (float) (step * (outside - (error < series.lower[lead] ? 1 : 0)));
    }

    boolean isKnown(ForecastSeries series) {
        return series.seen.length > 0 && series.seen[series.seen.length - 1] >= FEWEST;
    }

    double lower(ForecastSeries series, int lead) {
        return Math.min(0, series.lower[lead]);
    }

    double upper(ForecastSeries series, int lead) {
        return Math.max(0, series.upper[lead]);
    }
}
