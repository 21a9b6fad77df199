package org.kapacitorudf.soak;

import java.util.Arrays;

/**
 * The expected state of {@link Counting}: for each group, the number of points, and the sum of the numbers in the
 * points.
 */
final class GroupTotals {
    private final double[] counts;
    private final double[] sums;

    private GroupTotals(double[] counts, double[] sums) {
        this.counts = counts;
        this.sums = sums;
    }

    static GroupTotals none() {
        return new GroupTotals(new double[PointTemplate.GROUPS], new double[PointTemplate.GROUPS]);
    }

    GroupTotals copy() {
        return new GroupTotals(counts.clone(), sums.clone());
    }

    void add(long number) {
        int group = group(number);
        counts[group]++;
        sums[group] += number;
    }

    boolean isEmpty() {
        return Arrays.stream(counts).sum() == 0;
    }

    double count(long number) {
        return counts[group(number)];
    }

    double sum(long number) {
        return sums[group(number)];
    }

    private static int group(long number) {
        return (int) (number % PointTemplate.GROUPS);
    }
}
