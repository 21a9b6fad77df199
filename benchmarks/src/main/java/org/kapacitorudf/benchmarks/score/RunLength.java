package org.kapacitorudf.benchmarks.score;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Computes how often {@code changepoint} alerts on white noise: the average run length of its four cumulative sums, and
 * the probability that a candidate is confirmed.
 *
 * <p>A sum is a Markov chain; its run length solves a linear system (Brook and Evans 1972).
 */
final class RunLength {
    static final String PROMISE = "false alerts";

    private static final int STATES = 240;
    private static final double CLIP = 3;
    private static final double DRIFT = 0.5;

    /** Mean and standard deviation of the square root of the distance from the mean, for Gaussian noise. */
    private static final double ROOT_MEAN = 0.822179;

    private static final double ROOT_DEVIATION = 0.349137;

    private RunLength() {}

    /** A table for the page. */
    static String table() {
        StringBuilder table = new StringBuilder("| threshold | `confirm` 5 | `confirm` 10 | `confirm` 20 |\n");
        table.append("| --- | --- | --- | --- |\n");
        for (int threshold : new int[] {5, 6, 8, 10, 12}) {
            table.append("| ").append(threshold);
            for (int confirm : new int[] {5, 10, 20}) {
                table.append(String.format(Locale.ROOT, " | %,.0f", ofChangepoint(threshold, confirm)));
            }
            table.append(" |\n");
        }
        return table.toString();
    }

    /** The average number of points between alerts, with a drift of 0.5. */
    static double ofChangepoint(double threshold, int confirm) {
        double level = 2 / of(x -> clipped(x, normal(x)), DRIFT, threshold);
        double up = 1 / of(x -> clipped(x, root(x)), DRIFT, threshold);
        double down = 1 / of(x -> clipped(x, 1 - root(-x)), DRIFT, threshold);
        double candidates = level + up + down;
        double confirmed = level * moreThanHalf(confirm, 1 - normal(DRIFT))
                + (up + down) * (1 - normal(DRIFT * Math.sqrt(confirm)));
        return (1 / candidates + confirm) * candidates / confirmed;
    }

    /**
     * The average number of points until a one-sided sum reaches the threshold.
     *
     * @param distribution the distribution of a score: the probability that the score is not larger than the argument
     */
    static double of(DoubleUnaryOperator distribution, double drift, double threshold) {
        int n = STATES + 1;
        double step = threshold / STATES;
        double[][] system = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            double sum = i == 0 ? 0 : (i - 0.5) * step;
            double before = distribution.applyAsDouble(drift - sum);
            system[i][0] = -before;
            for (int j = 1; j < n; j++) {
                double next = distribution.applyAsDouble(j * step - sum + drift);
                system[i][j] = before - next;
                before = next;
            }
            system[i][i] += 1;
            system[i][n] = 1;
        }
        return solve(system)[0];
    }

    private static double[] solve(double[][] system) {
        int n = system.length;
        for (int pivot = 0; pivot < n; pivot++) {
            for (int row = pivot + 1; row < n; row++) {
                double factor = system[row][pivot] / system[pivot][pivot];
                for (int column = pivot; factor != 0 && column <= n; column++) {
                    system[row][column] -= factor * system[pivot][column];
                }
            }
        }
        double[] solution = new double[n];
        for (int row = n - 1; row >= 0; row--) {
            double rest = system[row][n];
            for (int column = row + 1; column < n; column++) {
                rest -= system[row][column] * solution[column];
            }
            solution[row] = rest / system[row][row];
        }
        return solution;
    }

    private static double clipped(double score, double probability) {
        return score >= CLIP ? 1 : score < -CLIP ? 0 : probability;
    }

    /** The normal distribution; Abramowitz and Stegun, 26.2.17. */
    static double normal(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double polynomial =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double tail = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * polynomial;
        return x < 0 ? tail : 1 - tail;
    }

    /** The distribution of the score of the spread. */
    private static double root(double score) {
        double root = ROOT_MEAN + ROOT_DEVIATION * score;
        return root < 0 ? 0 : 2 * normal(root * root) - 1;
    }

    private static double moreThanHalf(int count, double probability) {
        double sum = 0;
        double ways = 1;
        for (int i = 0; i <= count; i++) {
            if (i > count / 2) {
                sum += ways * Math.pow(probability, i) * Math.pow(1 - probability, count - i);
            }
            ways = ways * (count - i) / (i + 1);
        }
        return sum;
    }
}
