package org.kapacitorudf.functions;

/** How often what holds with a probability is tried. */
public final class Runs {
    private Runs() {}

    /** This many times, or 1,000 with {@code -Dudf.full=true}. */
    public static int count(int few) {
        return Boolean.getBoolean("udf.full") ? 1000 : few;
    }
}
