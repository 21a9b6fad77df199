package org.kapacitorudf.functions.deviation;

import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;

/**
 * An exponentially weighted mean and variance (West 1979), of earlier points only.
 *
 * @param halfLife the number of points after which a point weighs half
 * @param threshold how many standard deviations are usual
 */
public record EwBand(double halfLife, double threshold) implements Method<EwSeries> {
    @Override
    public EwSeries fresh() {
        return new EwSeries();
    }

    @Override
    public boolean judge(EwSeries series, long time, double value, Judgement judgement) {
        if (series.isNew()) {
            return false;
        }
        double reach = threshold * Math.max(Math.sqrt(series.variance), 0.01 * Math.abs(series.mean));
        judgement.band(series.mean, series.mean - reach, series.mean + reach);
        return true;
    }

    @Override
    public void learn(EwSeries series, long time, double value, Judgement judgement) {
        double weight = Math.max(1 - Math.pow(0.5, 1 / halfLife), 1.0 / (series.points() + 1));
        double difference = value - series.mean;
        series.mean += weight * difference;
        series.variance = (1 - weight) * (series.variance + weight * difference * difference);
    }
}
