package org.kapacitorudf.functions;

/** The number of runs of randomized tests. */
public final class Runs {
    private Runs() {}

    /** This many times, or 1,000 with {@code -Dudf.full=true}. */
    public static int count(int few) {
        return Boolean.getBoolean("udf.full") ? 1000 : few;
    }
}
