package org.kapacitorudf.functions.quantiles;

import java.util.Arrays;
import org.kapacitorudf.functions.panes.Packed;

/**
 * A summary of many values in little memory, from which any quantile can be estimated: a merging t-digest (Dunning,
 * Ertl, "Computing extremely accurate quantiles using t-digests", 2019).
 *
 * <p>Values are collected until there are {@value #MOST_VALUES}, including the centroids. They are then sorted and
 * merged with the centroids: neighbours are merged as long as the result is not too large. Centroids may be larger in
 * the middle than at the tails. The limit of their size is between those of the paper's scale functions k1 and k2.
 * Computing it needs no logarithm or sine, so results are identical on every machine.
 *
 * <p>Three rules go beyond the paper. Any number of equal values becomes one centroid, and a centroid knows whether its
 * values are equal. Nothing else is merged while there have never been more than {@value Centroids#MOST_EXACT}
 * different values. The minimum and the maximum are never merged with others. Quantiles are therefore exact for few
 * points, and for few different values.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class TDigest {
    static final int MOST_VALUES = 200;
    private static final int FIRST_VALUES = 8;

    /** The means of the centroids, ascending; then the values that have not been merged. */
    private double[] values = {};

    /**
     * The weights of the centroids, as in {@link Centroids}: each is stored, as {@link Packed}, as twice the number of
     * values, plus 1 if the values are not all equal.
     */
    private byte[] weights = {};

    /** The number of centroids. */
    private short merged;

    private short filled;

    /** Adds a finite value. */
    public void add(double value) {
        if (filled == MOST_VALUES) {
            merge();
        }
        if (filled == values.length) {
            values = Arrays.copyOf(values, Math.min(MOST_VALUES, Math.max(FIRST_VALUES, 2 * filled)));
        }
        values[filled++] = value;
    }

    /** Merges added values, and releases unused memory. */
    void trim() {
        merge();
        values = Arrays.copyOf(values, filled);
    }

    private void merge() {
        Centroids all = centroids();
        merged = (short) all.size();
        filled = merged;
        Packed.Writer writer = new Packed.Writer();
        for (int i = 0; i < merged; i++) {
            values[i] = all.mean(i);
            long weight = all.weight(i);
            writer.number(weight < 0 ? 1 - 2 * weight : 2 * weight);
        }
        weights = writer.bytes();
    }

    /** The centroids that result from merging all values. */
    Centroids centroids() {
        Centroids means = new Centroids(merged);
        Packed.Reader reader = new Packed.Reader(weights);
        for (int i = 0; i < merged; i++) {
            long weight = reader.number();
            means.append(values[i], weight % 2 == 0 ? weight / 2 : -(weight / 2));
        }
        Arrays.sort(values, merged, filled);
        Centroids added = new Centroids(filled - merged);
        for (int i = merged; i < filled; i++) {
            added.append(values[i], 1);
        }
        return Centroids.union(means, added).compressed();
    }
}
