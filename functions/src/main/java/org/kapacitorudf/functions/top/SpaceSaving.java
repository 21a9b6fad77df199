package org.kapacitorudf.functions.top;

import java.util.Arrays;

/**
 * Counts the most frequent items: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and
 * top-k elements in data streams", 2005).
 *
 * <p>An item without a counter takes over the lowest one including its count, because it may have occurred that often
 * before. With n items and m counters, a count is never too low, and too high by at most n / m. Each item that occurs
 * more than n / m times has a counter.
 *
 * <p>Counters are in descending order of their counts. Frequent items are therefore found quickly.
 *
 * <p>Threading: one thread at a time. The non-transient fields are saved in the snapshot.
 */
public final class SpaceSaving {
    private static final int FIRST_COUNTERS = 4;

    private String[] items = {};
    private long[] counts = {};

    /** By how much each count may be too high. */
    private long[] errors = {};

    private short used;

    /** The hashes of the items; computed again after a restore. */
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

    /** Increments a counter, and swaps it with the first one of the same count to keep the order. */
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

    /** Releases unused memory. */
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

    /** The maximum number of occurrences of an item without a counter. */
    long most(int counters) {
        return used < counters ? 0 : counts[used - 1];
    }

    /** The number of items. */
    long total() {
        long total = 0;
        for (int i = 0; i < used; i++) {
            total += counts[i];
        }
        return total;
    }
}
