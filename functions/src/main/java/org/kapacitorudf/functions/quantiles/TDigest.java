package org.kapacitorudf.functions.quantiles;

import java.util.Arrays;
import org.kapacitorudf.functions.panes.Packed;

/**
 * A summary of many values in little memory, from which any quantile can be estimated: a merging t-digest (Dunning,
 * Ertl, "Computing extremely accurate quantiles using t-digests", 2019).
 *
 * <p>Values are collected until there are {@value #MOST_ADDED}. Then they are sorted and merged with the centroids:
 * neighbours are merged, provided the result is not too large. Centroids may be larger in the middle than at the tails.
 * The limit of their size is between those of the paper's scale functions k1 and k2. It begins low, and rises whenever
 * the centroids take more than {@value #MOST_BYTES} bytes. Computing the limit needs no logarithm or sine, so results
 * are identical on every machine.
 *
 * <p>Three rules go beyond the paper. Any number of equal values becomes one centroid, and a centroid knows whether its
 * values are equal. Nothing else is merged until there have been more than {@value Centroids#MOST_EXACT} different
 * values. The minimum and the maximum are never merged with others. Quantiles are therefore exact for few points, and
 * for few different values.
 *
 * <p>The mean of equal values is stored exactly. The mean of different values is stored as a float that contains its
 * distance from the previous mean; if that is not precise enough, as a double.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class TDigest {
    static final int MOST_ADDED = 64;
    static final int MOST_BYTES = 1040;
    private static final int FIRST_ADDED = 4;

    /** The initial limit of the size of a centroid, which is also the lowest; see {@link Centroids#compressed}. */
    private static final double FINEST = 0.03;

    /** The factor by which the limit rises each time. */
    private static final double COARSER = 1.125;

    // The form of a centroid: the lowest bits of its first number, which is four times its weight.
    private static final int EQUAL = 0;
    private static final int MIXED = 1;
    private static final int EQUAL_FLOAT = 2;
    private static final int MIXED_DISTANCE = 3;

    /** A rounded mean is moved by at most this share of the distance to its neighbours. */
    private static final double PRECISION = 1.0 / 1024;

    /**
     * The centroids in ascending order. For each centroid: its weight, the form in which its mean is stored, and the
     * mean.
     */
    private byte[] packed = {};

    /** Values that have not been merged. */
    private double[] added = {};

    private byte filled;

    /** How often the limit of the size of a centroid has risen. */
    private byte coarseness;

    /** Adds a finite value. */
    public void add(double value) {
        if (filled == added.length) {
            if (filled == MOST_ADDED) {
                merge();
            } else {
                added = Arrays.copyOf(added, Math.max(FIRST_ADDED, 2 * filled));
            }
        }
        added[filled++] = value;
    }

    /** Merges added values, and releases unused memory. */
    void trim() {
        merge();
        added = new double[0];
    }

    private void merge() {
        if (filled == 0) {
            return;
        }
        Centroids all = all();
        filled = 0;
        if (all.isSmallAndExact()) {
            packed = pack(all);
            return;
        }
        double limit = FINEST;
        for (int i = 0; i < coarseness; i++) {
            limit *= COARSER;
        }
        packed = pack(all.compressed(limit));
        while (packed.length > MOST_BYTES && coarseness < Byte.MAX_VALUE) {
            limit *= COARSER;
            coarseness++;
            packed = pack(all.compressed(limit));
        }
    }

    private static byte[] pack(Centroids centroids) {
        Packed.Writer writer = new Packed.Writer(new byte[2 * MOST_BYTES], 0);
        double last = 0;
        for (int i = 0; i < centroids.size(); i++) {
            double mean = centroids.mean(i);
            long weight = 4 * Math.abs(centroids.weight(i));
            float distance = (float) (mean - last);
            if (centroids.weight(i) > 0) {
                boolean isFloat = (float) mean == mean;
                writer.number(weight + (isFloat ? EQUAL_FLOAT : EQUAL));
                write(writer, mean, isFloat);
                last = mean;
            } else if (isPrecise(mean, last + distance, last, centroids.mean(i + 1))) {
                writer.number(weight + MIXED_DISTANCE);
                write(writer, distance, true);
                last += distance;
            } else {
                writer.number(weight + MIXED);
                write(writer, mean, false);
                last = mean;
            }
        }
        return writer.bytes();
    }

    private static void write(Packed.Writer writer, double value, boolean isFloat) {
        if (isFloat) {
            writer.fixed(Float.floatToRawIntBits((float) value), Float.BYTES);
        } else {
            writer.fixed(Double.doubleToRawLongBits(value), Double.BYTES);
        }
    }

    private static boolean isPrecise(double mean, double rounded, double last, double next) {
        return Math.abs(rounded - mean) <= PRECISION * Math.min(mean - last, next - mean);
    }

    /** Merges the added values, and returns the centroids. */
    Centroids centroids() {
        merge();
        return unpack();
    }

    private Centroids unpack() {
        Centroids centroids = new Centroids(packed.length / 5 + 1);
        Packed.Reader reader = new Packed.Reader(packed);
        double last = 0;
        while (reader.hasMore()) {
            long number = reader.number();
            int form = (int) number & 3;
            boolean isFloat = form == EQUAL_FLOAT || form == MIXED_DISTANCE;
            double value = isFloat
                    ? Float.intBitsToFloat((int) reader.fixed(Float.BYTES))
                    : Double.longBitsToDouble(reader.fixed(Double.BYTES));
            last = form == MIXED_DISTANCE ? last + value : value;
            centroids.append(last, form == EQUAL || form == EQUAL_FLOAT ? number >> 2 : -(number >> 2));
        }
        return centroids;
    }

    private Centroids all() {
        Arrays.sort(added, 0, filled);
        Centroids values = new Centroids(filled);
        for (int i = 0; i < filled; i++) {
            values.append(added[i], 1);
        }
        return Centroids.union(unpack(), values);
    }

    /** The number of bytes of the centroids. */
    int bytes() {
        return packed.length;
    }
}
