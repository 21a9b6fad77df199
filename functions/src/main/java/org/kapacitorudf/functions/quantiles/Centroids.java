package org.kapacitorudf.functions.quantiles;

import java.util.Arrays;

/**
 * Centroids of a t-digest in ascending order of their means, and the distribution that they represent.
 *
 * <p>A weight is the number of values; it is negative if these values are not all equal. Equal values are a step of the
 * distribution. Otherwise half of the values are below the mean, and the distribution is a straight line from mean to
 * mean.
 *
 * <p>Threading: one thread at a time.
 */
final class Centroids {
    /** Different values are stored exactly as long as there have never been more than this many. */
    static final int MOST_EXACT = 100;

    private final double[] means;
    private final long[] weights;

    /** The cumulative number of values up to the end of each centroid. */
    private final long[] ends;

    private int size;

    Centroids(int capacity) {
        means = new double[capacity];
        weights = new long[capacity];
        ends = new long[capacity];
    }

    int size() {
        return size;
    }

    double mean(int i) {
        return means[i];
    }

    long weight(int i) {
        return weights[i];
    }

    /** The number of values of all centroids. */
    long total() {
        return size == 0 ? 0 : ends[size - 1];
    }

    /** Adds a centroid that is not before the last one. Equal values become one centroid. */
    void append(double mean, long weight) {
        long end = total() + Math.abs(weight);
        if (size > 0 && means[size - 1] == mean && weights[size - 1] > 0 && weight > 0) {
            weights[size - 1] += weight;
        } else {
            means[size] = mean;
            weights[size] = weight;
            size++;
        }
        ends[size - 1] = end;
    }

    /** Returns the centroids of the two arguments, in order. */
    static Centroids union(Centroids one, Centroids other) {
        Centroids all = new Centroids(one.size + other.size);
        int i = 0;
        int j = 0;
        while (i < one.size || j < other.size) {
            if (j == other.size || i < one.size && one.means[i] <= other.means[j]) {
                all.append(one.means[i], one.weights[i]);
                i++;
            } else {
                all.append(other.means[j], other.weights[j]);
                j++;
            }
        }
        return all;
    }

    /**
     * Merges neighbours as long as the result is not too large. The first and the last centroid, which are the minimum
     * and the maximum, are not merged.
     *
     * @param largest the maximum share of a centroid at q is {@code largest x (q (1 - q))^(3/4)}
     */
    Centroids compressed(double largest) {
        Centroids fewer = new Centroids(size);
        fewer.append(means[0], weights[0]);
        int first = 1;
        while (first < size - 1) {
            long from = ends[first - 1];
            int next = first + 1;
            double mean = means[first];
            while (next < size - 1 && ends[next] - from <= largest * room(from, ends[next])) {
                mean += (means[next] - mean) * Math.abs(weights[next]) / (ends[next] - from);
                next++;
            }
            if (next == first + 1) {
                fewer.append(mean, weights[first]);
            } else {
                fewer.append(Math.max(means[first], Math.min(means[next - 1], mean)), from - ends[next - 1]);
            }
            first = next;
        }
        fewer.append(means[size - 1], weights[size - 1]);
        return fewer;
    }

    /** Whether there are few centroids, each of equal values. */
    boolean isSmallAndExact() {
        if (size > MOST_EXACT) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (weights[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the maximum number of values of a centroid between two ranks, for a limit of 1. It is computed at the
     * rank that is nearer to a tail.
     */
    private double room(long from, long to) {
        double spread = Math.min(spread(from), spread(to));
        return total() * Math.sqrt(spread * Math.sqrt(spread));
    }

    private double spread(long rank) {
        double q = (double) rank / total();
        return q * (1 - q);
    }

    /** The number of values less than the given one. */
    double below(double value) {
        int found = Arrays.binarySearch(means, 0, size, value);
        if (found < 0) {
            return between(-found - 1, value);
        }
        int first = found;
        while (first > 0 && means[first - 1] == value) {
            first--;
        }
        return rankAt(first);
    }

    /** The number of values less than or equal to this one. */
    double upTo(double value) {
        int found = Arrays.binarySearch(means, 0, size, value);
        if (found < 0) {
            return between(-found - 1, value);
        }
        int last = found;
        while (last < size - 1 && means[last + 1] == value) {
            last++;
        }
        return rankAfter(last);
    }

    private double between(int next, double value) {
        if (next == 0 || next == size) {
            return next == 0 ? 0 : total();
        }
        double from = rankAfter(next - 1);
        double share = (value - means[next - 1]) / (means[next] - means[next - 1]);
        return from + share * (rankAt(next) - from);
    }

    private double rankAt(int i) {
        return weights[i] > 0 ? ends[i] - weights[i] : ends[i] + weights[i] / 2.0;
    }

    private double rankAfter(int i) {
        return weights[i] > 0 ? ends[i] : ends[i] + weights[i] / 2.0;
    }
}
