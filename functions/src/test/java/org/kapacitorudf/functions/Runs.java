package org.kapacitorudf.functions;

/** The number of runs of randomized tests. */
public final class Runs {
    private Runs() {}

    /** This many times, or 1,000 with {@code -Dudf.full=true}. */
    public static int count(int few) {
        return count(few, 1000);
    }

    /** The first number, or the second one with {@code -Dudf.full=true}. */
    public static int count(int few, int full) {
        return Boolean.getBoolean("udf.full") ? full : few;
    }
}
