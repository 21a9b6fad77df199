package org.kapacitorudf.benchmarks.score;

/**
 * Kapacitor's {@code sigma("value") > threshold}: the distance from the mean of all points so far, including this one,
 * in standard deviations.
 */
record SigmaRule(double threshold) implements Candidate {
    @Override
    public String name() {
        return "sigma > " + threshold;
    }

    @Override
    public boolean[] alerts(LabelledSeries series) {
        boolean[] alerts = new boolean[series.length()];
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < alerts.length; i++) {
            double value = series.values()[i];
            double difference = value - mean;
            mean += difference / (i + 1);
            squares += difference * (value - mean);
            // Like Kapacitor: NaN, and therefore no alert, while there is no spread.
            alerts[i] = i > 0 && Math.abs(value - mean) / Math.sqrt(squares / i) > threshold;
        }
        return alerts;
    }
}
