package org.kapacitorudf.functions.distinct;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import java.util.Arrays;

/**
 * The different values of a pane: their hashes while there are at most {@value #MOST_EXACT}, then an UltraLogLog sketch
 * (Ertl, "UltraLogLog: a practical and more space-efficient alternative to HyperLogLog for approximate distinct
 * counting", 2024) of 2^precision bytes.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class DistinctSet {
    /** The maximum number of hashes that are stored individually. */
    public static final int MOST_EXACT = 100;

    private static final int FIRST_HASHES = 4;

    /** The hashes, in ascending order; empty once there is a sketch. */
    private long[] hashes = {};

    private short count;

    /** The state of the sketch; empty if there is none. */
    private byte[] sketch = {};

    /**
     * Adds the hash of a value.
     *
     * @param precision from 3 to 26; used when the sketch is created
     */
    public void add(long hash, int precision) {
        if (isExact()) {
            int found = Arrays.binarySearch(hashes, 0, count, hash);
            if (found >= 0) {
                return;
            }
            if (count < MOST_EXACT) {
                insert(hash, -found - 1);
                return;
            }
            UltraLogLog begun = UltraLogLog.create(precision);
            addTo(begun);
            sketch = begun.getState();
            hashes = new long[0];
            count = 0;
        }
        UltraLogLog.wrap(sketch).add(hash);
    }

    private void insert(long hash, int at) {
        if (count == hashes.length) {
            hashes = Arrays.copyOf(hashes, Math.min(MOST_EXACT, Math.max(FIRST_HASHES, 2 * count)));
        }
        System.arraycopy(hashes, at, hashes, at + 1, count - at);
        hashes[at] = hash;
        count++;
    }

    /** Releases unused memory. */
    void trim() {
        hashes = Arrays.copyOf(hashes, count);
    }

    /** Whether all hashes are stored individually. */
    boolean isExact() {
        return sketch.length == 0;
    }

    /** The hashes; none if this is a sketch. */
    long[] hashes() {
        return Arrays.copyOf(hashes, count);
    }

    /** Adds all hashes, or the whole sketch, to a sketch of the same precision. */
    void addTo(UltraLogLog all) {
        for (int i = 0; i < count; i++) {
            all.add(hashes[i]);
        }
        if (!isExact()) {
            all.add(UltraLogLog.wrap(sketch));
        }
    }
}
