package org.kapacitorudf.functions.changepoint;

/**
 * Converts Student's distribution to the scale of the normal one. This makes the cumulative sums exact although mean
 * and spread are estimates.
 */
final class Scores {
    /**
     * If u is smaller than this, sqrt(log(1 + u) / u) is computed by a power series, which is accurate to 1e-8 and
     * needs no logarithm.
     */
    private static final double SMALL = 0.02;

    private Scores() {}

    /**
     * The normal score with the same probability as this value of Student's distribution; Wallace (1959), accurate to
     * 0.01 for scores up to 4, with 9 or more degrees of freedom.
     *
     * @param freedom degrees of freedom
     */
    static double normal(double student, double freedom) {
        double u = student * student / freedom;
        if (u < SMALL) {
            return scale(freedom) * student * (1 - u * (1 / 4.0 - u * (13 / 96.0 - u * (35 / 384.0))));
        }
        double score = scale(freedom) * Math.sqrt(freedom * Math.log(1 + u));
        return student < 0 ? -score : score;
    }

    /** The inverse of {@link #normal}, for scores of at least 0. */
    static double student(double normal, double freedom) {
        double root = normal / scale(freedom);
        return Math.sqrt(freedom * Math.expm1(root * root / freedom));
    }

    private static double scale(double freedom) {
        return (8 * freedom + 1) / (8 * freedom + 3);
    }
}
