package org.kapacitorudf.internal.line;

import java.util.List;

/**
 * The tags that points are grouped by, as {@code groupBy} of a TICKscript has them.
 *
 * <p>Threading: immutable.
 *
 * @param all whether it is all tags of each point: {@code groupBy(*)}
 * @param dimensions the names of the tags otherwise, sorted
 */
public record Grouping(boolean all, List<String> dimensions) {
    /** One group. */
    public static final Grouping NONE = new Grouping(false, List.of());

    /** By all tags. */
    public static final Grouping ALL = new Grouping(true, List.of());

    /** Sorts and copies. */
    public Grouping {
        dimensions = dimensions.stream().sorted().distinct().toList();
    }

    /** By some tags. */
    public static Grouping by(List<String> dimensions) {
        return dimensions.isEmpty() ? NONE : new Grouping(false, dimensions);
    }
}
