package org.kapacitorudf.internal.line;

import java.util.List;

/**
 * The tags by which points are grouped, as in {@code groupBy} of a TICKscript.
 *
 * <p>Threading: immutable.
 *
 * @param all whether points are grouped by all of their tags: {@code groupBy(*)}
 * @param dimensions if {@code all} is false, the names of the tags by which points are grouped, sorted
 */
public record Grouping(boolean all, List<String> dimensions) {
    /** Puts all points into one group. */
    public static final Grouping NONE = new Grouping(false, List.of());

    /** Groups points by all of their tags. */
    public static final Grouping ALL = new Grouping(true, List.of());

    /** Sorts and copies the dimensions. */
    public Grouping {
        dimensions = dimensions.stream().sorted().distinct().toList();
    }

    /** Returns a grouping by some tags. */
    public static Grouping by(List<String> dimensions) {
        return dimensions.isEmpty() ? NONE : new Grouping(false, dimensions);
    }
}
