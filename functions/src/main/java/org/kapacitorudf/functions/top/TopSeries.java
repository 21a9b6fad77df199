package org.kapacitorudf.functions.top;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.kapacitorudf.functions.panes.PaneSeries;

/**
 * The state of {@code topK} for one series: the counters of each pane of the window.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class TopSeries extends PaneSeries {
    private static final Comparator<Item> MOST_OFTEN_FIRST =
            Comparator.comparingLong(Item::count).reversed().thenComparing(Item::item);

    private FrequentItems[] items = {};

    /** The number of counters of a pane. */
    private short counters;

    /**
     * An item and its count.
     *
     * @param count the count, which is never too low
     * @param error by how much the count may be too high
     */
    public record Item(String item, long count, long error) {
        private Item plus(Item more) {
            return new Item(item, count + more.count, error + more.error);
        }
    }

    /**
     * Returns the size, in bytes, of a series with full panes and items of 20 characters in an uncompressed snapshot.
     */
    public static long snapshotBytes(int panes, int counters) {
        return 700 + panes * (60 + 24L * counters);
    }

    /**
     * Counts an item in a pane.
     *
     * @param slots the number of panes
     * @param size the number of counters of a pane; must be the same in every call
     */
    public void add(int slot, int slots, String item, int size) {
        if (items.length != slots) {
            items = new FrequentItems[slots];
        }
        if (items[slot] == null) {
            items[slot] = new FrequentItems();
        }
        counters = (short) size;
        items[slot].add(item, size);
    }

    /** The number of items in the window, including repeated ones. */
    public long total() {
        return panes().mapToLong(FrequentItems::total).sum();
    }

    /**
     * The most frequent items in the window. Panes are merged as in Agarwal et al., "Mergeable summaries" (2012): an
     * item without a counter in a pane may have occurred there as often as any item without one.
     *
     * @param most the maximum number of items
     */
    public List<Item> top(int most) {
        // For each item: by how much its count exceeds the count that an item without a counter may have, summed over
        // the panes in which it has a counter.
        Map<String, Item> more = new HashMap<>();
        long absent = 0;
        for (FrequentItems pane : panes().toList()) {
            pane.merge(counters);
            long absentHere = pane.most();
            pane.forEach((item, count, error) ->
                    more.merge(item, new Item(item, count - absentHere, error - absentHere), Item::plus));
            absent += absentHere;
        }
        Item anyOther = new Item("", absent, absent);
        return more.values().stream()
                .map(item -> item.plus(anyOther))
                .sorted(MOST_OFTEN_FIRST)
                .limit(most)
                .toList();
    }

    private Stream<FrequentItems> panes() {
        return Stream.of(items).filter(Objects::nonNull);
    }

    @Override
    public void close(int slot) {
        items[slot].close(counters);
    }

    @Override
    public void forget(int slot) {
        items[slot] = null;
    }
}
