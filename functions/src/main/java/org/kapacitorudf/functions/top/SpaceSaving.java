package org.kapacitorudf.functions.top;

import java.util.Arrays;
import org.kapacitorudf.functions.panes.Packed;

/**
 * Counts the most frequent items: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and
 * top-k elements in data streams", 2005).
 *
 * <p>An item without a counter takes over the counter with the lowest count, including that count, because the item may
 * have occurred that often before. With n items and m counters, a count is never too low, and too high by at most n /
 * m. Each item that occurs more than n / m times has a counter.
 *
 * <p>Counters are in descending order of their counts. Frequent items are therefore found quickly.
 *
 * <p>{@link #pack} stores all counters in one array of bytes, until the next item is added. It drops counters that are
 * not higher than the count that any item without a counter may have: they make no difference to a result.
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

    /** The counters in packed form if the other arrays are empty: count, error and item of each, in order. */
    private byte[] packed = {};

    /** The maximum number of occurrences of an item whose counter was dropped. */
    private long floor;

    /** The sum of the dropped counts, minus the part that new counters have taken over. */
    private long dropped;

    /** The hashes of the items; computed again after a restore. */
    private transient int[] hashes = {};

    /** Receives counters, in descending order of their counts. */
    interface Counters {
        void counter(String item, long count, long error);
    }

    /**
     * Counts an item.
     *
     * @param counters the number of counters, from 1 to 32,767; must be the same in every call
     */
    public void add(String item, int counters) {
        if (packed.length > 0) {
            unpack();
        }
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
        counts[used] = floor;
        errors[used] = floor;
        dropped -= floor;
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

    /** Stores the counters in less memory. The next item that is added unpacks them. */
    void pack() {
        if (used == 0) {
            return;
        }
        floor = most();
        Packed.Writer writer = new Packed.Writer();
        for (int i = 0; i < used; i++) {
            if (counts[i] > floor) {
                writer.number(counts[i]);
                writer.number(errors[i]);
                writer.text(items[i]);
            } else {
                dropped += counts[i];
            }
        }
        packed = writer.bytes();
        used = 0;
        resize(0);
    }

    private void unpack() {
        byte[] bytes = packed;
        packed = new byte[0];
        Packed.Reader reader = new Packed.Reader(bytes);
        while (reader.hasMore()) {
            if (used == items.length) {
                resize(Math.max(FIRST_COUNTERS, used + used / 2));
            }
            counts[used] = reader.number();
            errors[used] = reader.number();
            items[used] = reader.text();
            hashes[used] = items[used].hashCode();
            used++;
        }
    }

    void forEach(Counters counters) {
        for (int i = 0; i < used; i++) {
            counters.counter(items[i], counts[i], errors[i]);
        }
        Packed.Reader reader = new Packed.Reader(packed);
        while (reader.hasMore()) {
            long count = reader.number();
            long error = reader.number();
            counters.counter(reader.text(), count, error);
        }
    }

    /**
     * The maximum number of occurrences of an item without a counter: the highest count that was taken over or dropped.
     * The item that took over the highest count still has it as its error.
     */
    long most() {
        long[] most = {floor};
        forEach((item, count, error) -> most[0] = Math.max(most[0], error));
        return most[0];
    }

    /** The number of items that were added, including repeated ones. */
    long total() {
        long[] total = {dropped};
        forEach((item, count, error) -> total[0] += count);
        return total[0];
    }
}
