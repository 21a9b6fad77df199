package org.kapacitorudf.functions.quantiles;

import java.util.Arrays;
import java.util.List;

/**
 * The distribution of the values of several t-digests.
 *
 * <p>It is the sum of the digests' distributions, not one t-digest of all centroids: the errors of the digests partly
 * cancel each other out instead of adding up.
 *
 * <p>Threading: one thread at a time.
 */
public final class Distribution {
    /**
     * A rank that differs from a whole number by less than this share is rounded to that number: 0.07 x 100 is
     * 7.000000000000001.
     */
    private static final double ROUNDING = 1e-12;

    private final List<Centroids> parts;

    /** The means of all centroids. The distribution is linear between two adjacent means. */
    private final double[] means;

    private final long count;

    Distribution(List<Centroids> parts) {
        this.parts = parts;
        this.means = new double[parts.stream().mapToInt(Centroids::size).sum()];
        this.count = parts.stream().mapToLong(Centroids::total).sum();
        int next = 0;
        for (Centroids part : parts) {
            for (int i = 0; i < part.size(); i++) {
                means[next++] = part.mean(i);
            }
        }
        Arrays.sort(means);
    }

    /** The number of values. */
    public long count() {
        return count;
    }

    /**
     * The smallest value such that at least this share of all values is less than or equal to it. There must be at
     * least one value.
     *
     * @param q from 0, the minimum, to 1
     */
    public double quantile(double q) {
        double rank = q * count;
        if (Math.abs(rank - Math.rint(rank)) < ROUNDING * count) {
            rank = Math.rint(rank);
        }
        int low = 0;
        int high = means.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (upTo(means[middle]) >= rank) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        double below = low == 0 ? 0 : below(means[low]);
        if (low == 0 || below < rank) {
            return means[low];
        }
        double before = means[low - 1];
        double from = upTo(before);
        return Math.min(means[low], before + (means[low] - before) * ((rank - from) / (below - from)));
    }

    private double below(double value) {
        double sum = 0;
        for (Centroids part : parts) {
            sum += part.below(value);
        }
        return sum;
    }

    private double upTo(double value) {
        double sum = 0;
        for (Centroids part : parts) {
            sum += part.upTo(value);
        }
        return sum;
    }
}
