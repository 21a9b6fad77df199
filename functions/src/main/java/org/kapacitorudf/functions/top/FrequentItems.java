package org.kapacitorudf.functions.top;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.kapacitorudf.functions.panes.Packed;

/**
 * Counts the most frequent items in little memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005) in the form of
 * Misra and Gries (1982), to which it is equivalent (Agarwal et al., "Mergeable summaries", 2012), for many items at a
 * time.
 *
 * <p>Items are collected until there are some dozens. Then they are sorted and merged with the counters. If there are
 * more counters than allowed, the highest ones stay, and the highest of the others is the {@linkplain #most maximum}
 * number of times that an item without a counter may have occurred. An item that gets a counter later begins with this
 * number.
 *
 * <pre>
 *   2 counters, items a a b   a 2, b 1
 *   then c c c                a 2, b 1, c 3 are one too many: a 2, c 3, and any other may have occurred once
 *   then b                    b begins with 2, which may be too high by 1
 * </pre>
 *
 * <p>With n items and m counters, a count is never too low, and too high by less than n / m. Each item that occurs more
 * than n / m times has a counter.
 *
 * <p>The counters are in one array of bytes, sorted by item. Of each item, only the bytes that differ from the previous
 * item are stored. The collected items are in another array.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class FrequentItems {
    /** The number of items that are collected before they are merged, if there are not many more counters. */
    private static final int FEWEST_COLLECTED = 64;

    /**
     * For each counter: the count, the error, the number of leading bytes that are the same as in the previous item,
     * the number of the other bytes, and the other bytes.
     */
    private byte[] packed = {};

    /** The collected items, in the order in which they were added. {@code addedBytes} is the number of bytes used. */
    private byte[] added = {};

    private int addedBytes;
    private short collected;

    private long total;
    private long most;

    /** Receives counters. */
    interface Counters {
        void counter(String item, long count, long error);
    }

    /**
     * Counts an item.
     *
     * @param counters the number of counters, from 1 to 32,767; always the same
     */
    public void add(String item, int counters) {
        Packed.Writer writer = new Packed.Writer(added, addedBytes);
        writer.text(item);
        added = writer.array();
        addedBytes = writer.size();
        collected++;
        total++;
        if (collected >= Math.max(FEWEST_COLLECTED, counters / 2)) {
            merge(counters);
        }
    }

    /** Merges the collected items. */
    void merge(int counters) {
        if (collected == 0) {
            return;
        }
        Table table = new Table(packed, items(), most);
        if (table.size > counters) {
            most = table.keep(counters);
        }
        packed = table.packed();
        addedBytes = 0;
        collected = 0;
    }

    /**
     * Merges the collected items, and drops each counter whose count is not higher than {@link #most}: an item without
     * a counter may have occurred as often.
     */
    void close(int counters) {
        merge(counters);
        added = new byte[0];
        Table table = new Table(packed, new byte[0][], most);
        table.dropUpTo(most);
        packed = table.packed();
    }

    private byte[][] items() {
        Packed.Reader reader = new Packed.Reader(added);
        byte[][] items = new byte[collected][];
        for (int i = 0; i < collected; i++) {
            items[i] = new byte[(int) reader.number()];
            reader.bytes(items[i], 0, items[i].length);
        }
        Arrays.sort(items, Arrays::compareUnsigned);
        return items;
    }

    /**
     * Passes all counters to {@code counters}, in the order of the items' bytes. Collected items must have been merged.
     */
    void forEach(Counters counters) {
        Table table = new Table(packed, new byte[0][], most);
        for (int i = 0; i < table.size; i++) {
            counters.counter(new String(table.items[i], StandardCharsets.UTF_8), table.counts[i], table.errors[i]);
        }
    }

    /** The maximum number of occurrences of an item without a counter. Collected items must have been merged. */
    long most() {
        return most;
    }

    /** The number of items that were added, including repeated ones. */
    long total() {
        return total;
    }

    /** Counters, sorted by item. */
    private static final class Table {
        private byte[][] items = new byte[16][];
        private long[] counts = new long[16];
        private long[] errors = new long[16];
        private int size;

        /**
         * Merges counters with items.
         *
         * @param added the items, sorted
         * @param most the count and the error with which an item without a counter begins
         */
        Table(byte[] packed, byte[][] added, long most) {
            Packed.Reader reader = new Packed.Reader(packed);
            byte[] last = {};
            int next = 0;
            while (reader.hasMore()) {
                long count = reader.number();
                long error = reader.number();
                int same = (int) reader.number();
                int others = (int) reader.number();
                byte[] item = Arrays.copyOf(last, same + others);
                reader.bytes(item, same, others);
                last = item;
                while (next < added.length && Arrays.compareUnsigned(added[next], item) < 0) {
                    begin(added[next++], most);
                }
                append(item, count, error);
                while (next < added.length && Arrays.equals(added[next], item)) {
                    counts[size - 1]++;
                    next++;
                }
            }
            while (next < added.length) {
                begin(added[next++], most);
            }
        }

        private void begin(byte[] item, long most) {
            if (size > 0 && Arrays.equals(items[size - 1], item)) {
                counts[size - 1]++;
            } else {
                append(item, most + 1, most);
            }
        }

        private void append(byte[] item, long count, long error) {
            if (size == counts.length) {
                items = Arrays.copyOf(items, 2 * size);
                counts = Arrays.copyOf(counts, 2 * size);
                errors = Arrays.copyOf(errors, 2 * size);
            }
            items[size] = item;
            counts[size] = count;
            errors[size++] = error;
        }

        /**
         * Keeps this many of the highest counters.
         *
         * @return the highest count of the others
         */
        long keep(int counters) {
            long[] sorted = Arrays.copyOf(counts, size);
            Arrays.sort(sorted);
            long least = sorted[size - counters];
            int equal = 0;
            for (int i = size - counters; i < size && sorted[i] == least; i++) {
                equal++;
            }
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (counts[i] > least || counts[i] == least && equal-- > 0) {
                    move(i, kept++);
                }
            }
            long most = sorted[size - counters - 1];
            size = kept;
            return most;
        }

        void dropUpTo(long most) {
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (counts[i] > most) {
                    move(i, kept++);
                }
            }
            size = kept;
        }

        private void move(int from, int to) {
            items[to] = items[from];
            counts[to] = counts[from];
            errors[to] = errors[from];
        }

        byte[] packed() {
            Packed.Writer writer = new Packed.Writer();
            byte[] last = {};
            for (int i = 0; i < size; i++) {
                byte[] item = items[i];
                int mismatch = Arrays.mismatch(last, item);
                int same = mismatch < 0 ? item.length : mismatch;
                writer.number(counts[i]);
                writer.number(errors[i]);
                writer.number(same);
                writer.number(item.length - same);
                writer.bytes(item, same, item.length - same);
                last = item;
            }
            return writer.bytes();
        }
    }
}
