package org.kapacitorudf.benchmarks.score;

import java.util.Arrays;

/** Tukey's fences around the quartiles of the {@code size} points before each point. */
record TukeyRule(double scale, int size) implements Candidate {
    @Override
    public String name() {
        return "Tukey fences, scale " + scale + ", last " + size;
    }

    @Override
    public boolean[] alerts(LabelledSeries series) {
        boolean[] alerts = new boolean[series.length()];
        double[] sorted = new double[size];
        int count = 0;
        for (int i = 0; i < alerts.length; i++) {
            double value = series.values()[i];
            if (count == size) {
                double first = quantile(sorted, 0.25);
                double third = quantile(sorted, 0.75);
                double reach = scale * (third - first);
                alerts[i] = value < first - reach || value > third + reach;
                count = remove(sorted, count, series.values()[i - size]);
            }
            count = insert(sorted, count, value);
        }
        return alerts;
    }

    private static int insert(double[] sorted, int count, double value) {
        int found = Arrays.binarySearch(sorted, 0, count, value);
        int at = found < 0 ? -found - 1 : found;
        System.arraycopy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = value;
        return count + 1;
    }

    private static int remove(double[] sorted, int count, double value) {
        int at = Arrays.binarySearch(sorted, 0, count, value);
        System.arraycopy(sorted, at + 1, sorted, at, count - at - 1);
        return count - 1;
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
