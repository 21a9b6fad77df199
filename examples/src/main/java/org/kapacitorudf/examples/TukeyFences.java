package org.kapacitorudf.examples;

import java.util.Arrays;

/**
 * The bounds outside which a value is an outlier: {@code Q1 - scale x IQR} and {@code Q3 + scale x IQR}.
 *
 * <p>Quartiles are interpolated linearly between the two nearest values, as R (type 7) and NumPy do by default.
 *
 * <p>An infinity is always an outlier, NaN never is. If the interquartile range overflows, no finite number is an
 * outlier.
 *
 * @param lower values below it are outliers; NaN if there is no such bound, for example without finite values
 * @param upper values above it are outliers; NaN if there is no such bound, for example without finite values
 */
record TukeyFences(double lower, double upper) {
    /**
     * Computes the fences of values in any order.
     *
     * <p>Only finite values are used for the quartiles.
     *
     * @param scale how far outside the middle half a value may lie, in interquartile ranges; at least 0
     */
    static TukeyFences of(double[] values, double scale) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return new TukeyFences(Double.NaN, Double.NaN);
        }
        double q1 = quantile(sorted, 0.25);
        double q3 = quantile(sorted, 0.75);
        double reach = scale * (q3 - q1);
        return new TukeyFences(q1 - reach, q3 + reach);
    }

    boolean isOutlier(double value) {
        return value < lower || value > upper || Double.isInfinite(value);
    }

    private static double quantile(double[] sorted, double p) {
        double position = p * (sorted.length - 1);
        int below = (int) position;
        double fraction = position - below;
        if (fraction == 0) {
            return sorted[below];
        }
        return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
    }
}
