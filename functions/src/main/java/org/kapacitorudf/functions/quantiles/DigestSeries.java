package org.kapacitorudf.functions.quantiles;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.kapacitorudf.functions.panes.PaneSeries;

/**
 * The state of {@code quantiles} for one series: a t-digest for each pane of the window.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class DigestSeries extends PaneSeries {
    private TDigest[] panes = {};

    /** Returns the size, in bytes, of a series with full panes in an uncompressed snapshot. */
    public static long snapshotBytes(int panes) {
        return 400 + 1080L * panes;
    }

    /**
     * Adds a value to a pane.
     *
     * @param slots the number of panes
     */
    public void add(int slot, int slots, double value) {
        if (panes.length != slots) {
            panes = new TDigest[slots];
        }
        if (panes[slot] == null) {
            panes[slot] = new TDigest();
        }
        panes[slot].add(value);
    }

    /** The distribution of all values in the window. */
    public Distribution distribution() {
        List<Centroids> parts = new ArrayList<>();
        Stream.of(panes).filter(Objects::nonNull).forEach(digest -> parts.add(digest.centroids()));
        return new Distribution(parts);
    }

    @Override
    public void close(int slot) {
        panes[slot].trim();
    }

    @Override
    public void forget(int slot) {
        panes[slot] = null;
    }
}
