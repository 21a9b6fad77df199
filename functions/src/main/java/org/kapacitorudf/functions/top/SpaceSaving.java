package org.kapacitorudf.functions.top;

import java.util.Arrays;

/**
 * Counters for the items that come most often: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of
 * frequent and top-k elements in data streams", 2005).
 *
 * <p>An item that has no counter takes over the lowest one, and its count: it may have come that often before. So of n
 * items, with m counters, a count is never too low, and too high by n / m at most. Each item that comes more than n / m
 * times has a counter.
 *
 * <p>Counters are in descending order of their counts. An item that comes often is found soon.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot, but for those that are transient.
 */
public final class SpaceSaving {
    private static final int FIRST_COUNTERS = 4;

    private String[] items = {};
    private long[] counts = {};

    /** By how much each count may be too high. */
    private long[] errors = {};

    private short used;

    /** Of the items: made again after a restore. */
    private transient int[] hashes = {};

    /**
     * Counts an item.
     *
     * @param counters at least 1, at most 32,767, always the same
     */
    public void add(String item, int counters) {
        if (hashes.length != items.length) {
            hashes = new int[items.length];
            for (int i = 0; i < used; i++) {
                hashes[i] = items[i].hashCode();
            }
        }
        int at = find(item);
        if (at < 0) {
            at = used < counters ? begin(item, counters) : takeOver(item);
        }
        increment(at);
    }

    private int find(String item) {
        int hash = item.hashCode();
        for (int i = 0; i < used; i++) {
            if (hashes[i] == hash && items[i].equals(item)) {
                return i;
            }
        }
        return -1;
    }

    private int begin(String item, int counters) {
        if (used == items.length) {
            resize(Math.min(counters, Math.max(FIRST_COUNTERS, used + used / 2)));
        }
        items[used] = item;
        hashes[used] = item.hashCode();
        return used++;
    }

    private int takeOver(String item) {
        int last = used - 1;
        items[last] = item;
        hashes[last] = item.hashCode();
        errors[last] = counts[last];
        return last;
    }

    /** Counts on: the counter changes places with the first one of the same count, so that the order stays. */
    private void increment(int at) {
        int first = 0;
        int high = at;
        while (first < high) {
            int middle = (first + high) / 2;
            if (counts[middle] > counts[at]) {
                first = middle + 1;
            } else {
                high = middle;
            }
        }
        swap(first, at);
        counts[first]++;
    }

    /** Swaps two counters of the same count. */
    private void swap(int one, int other) {
        String item = items[one];
        items[one] = items[other];
        items[other] = item;
        long error = errors[one];
        errors[one] = errors[other];
        errors[other] = error;
        int hash = hashes[one];
        hashes[one] = hashes[other];
        hashes[other] = hash;
    }

    private void resize(int length) {
        items = Arrays.copyOf(items, length);
        counts = Arrays.copyOf(counts, length);
        errors = Arrays.copyOf(errors, length);
        hashes = Arrays.copyOf(hashes, length);
    }

    /** Takes no more memory than needed. */
    void trim() {
        resize(used);
    }

    int size() {
        return used;
    }

    String item(int i) {
        return items[i];
    }

    long count(int i) {
        return counts[i];
    }

    long error(int i) {
        return errors[i];
    }

    /** How often an item without a counter may have come at most. */
    long most(int counters) {
        return used < counters ? 0 : counts[used - 1];
    }

    /** How many items came. */
    long total() {
        long total = 0;
        for (int i = 0; i < used; i++) {
            total += counts[i];
        }
        return total;
    }
}
