package org.kapacitorudf.functions.distinct;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.kapacitorudf.functions.panes.PaneSeries;

/**
 * The state of {@code countDistinct} for one series: the different values of each pane of the window.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class DistinctSeries extends PaneSeries {
    private DistinctSet[] sets = {};

    /**
     * The number of different values.
     *
     * @param isExact whether the number is exact, not an estimate
     */
    public record Count(long distinct, boolean isExact) {}

    /** Returns the size, in bytes, of a series with full panes in an uncompressed snapshot. */
    public static long snapshotBytes(int panes, int precision) {
        return 150 + panes * (30L + Math.max(9 * DistinctSet.MOST_EXACT, 1 << precision));
    }

    /**
     * Adds the hash of a value to a pane.
     *
     * @param slots the number of panes
     * @param precision a sketch has 2^precision bytes; must be the same in every call
     */
    public void add(int slot, int slots, long hash, int precision) {
        if (sets.length != slots) {
            sets = new DistinctSet[slots];
        }
        if (sets[slot] == null) {
            sets[slot] = new DistinctSet();
        }
        sets[slot].add(hash, precision);
    }

    /** The number of different values in the window. It is exact if all panes are exact. */
    public Count count(int precision) {
        List<DistinctSet> all = Stream.of(sets).filter(Objects::nonNull).toList();
        if (all.stream().allMatch(DistinctSet::isExact)) {
            long distinct = all.stream()
                    .flatMapToLong(set -> LongStream.of(set.hashes()))
                    .distinct()
                    .count();
            return new Count(distinct, true);
        }
        UltraLogLog merged = UltraLogLog.create(precision);
        all.forEach(set -> set.addTo(merged));
        return new Count(Math.round(merged.getDistinctCountEstimate(UltraLogLog.MAXIMUM_LIKELIHOOD_ESTIMATOR)), false);
    }

    @Override
    public void close(int slot) {
        sets[slot].trim();
    }

    @Override
    public void forget(int slot) {
        sets[slot] = null;
    }
}
