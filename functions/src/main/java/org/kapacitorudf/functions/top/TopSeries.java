package org.kapacitorudf.functions.top;

import java.util.ArrayList;
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

    private SpaceSaving[] counters = {};

    /**
     * An item and its count.
     *
     * @param count never too low
     * @param error by how much the count may be too high
     */
    public record Item(String item, long count, long error) {
        private Item plus(long more, long moreError) {
            return new Item(item, count + more, error + moreError);
        }
    }

    /**
     * Returns the size of a series with full panes and items of 20 characters in a snapshot before compression, in
     * bytes.
     */
    public static long snapshotBytes(int panes, int counters) {
        return 150 + panes * (40 + 24L * counters);
    }

    /**
     * Counts an item in a pane.
     *
     * @param slots the number of panes
     * @param size the number of counters of a pane: always the same
     */
    public void add(int slot, int slots, String item, int size) {
        if (counters.length != slots) {
            counters = new SpaceSaving[slots];
        }
        if (counters[slot] == null) {
            counters[slot] = new SpaceSaving();
        }
        counters[slot].add(item, size);
    }

    /** The number of items in the window. */
    public long total() {
        return panes().mapToLong(SpaceSaving::total).sum();
    }

    /**
     * The most frequent items in the window. Panes are merged as in Agarwal et al., "Mergeable summaries" (2012): an
     * item without a counter in a pane may have occurred there as often as the lowest counter indicates.
     *
     * @param most the maximum number of items
     * @param size the number of counters of a pane
     */
    public List<Item> top(int most, int size) {
        Map<String, Item> all = new HashMap<>();
        panes().forEach(pane -> {
            for (int i = 0; i < pane.size(); i++) {
                all.putIfAbsent(pane.item(i), new Item(pane.item(i), 0, 0));
            }
        });
        panes().forEach(pane -> {
            Map<String, Integer> places = new HashMap<>();
            for (int i = 0; i < pane.size(); i++) {
                places.put(pane.item(i), i);
            }
            long absent = pane.most(size);
            all.replaceAll((item, sum) -> {
                Integer at = places.get(item);
                return at == null ? sum.plus(absent, absent) : sum.plus(pane.count(at), pane.error(at));
            });
        });
        List<Item> sorted = new ArrayList<>(all.values());
        sorted.sort(MOST_OFTEN_FIRST);
        return List.copyOf(sorted.subList(0, Math.min(most, sorted.size())));
    }

    private Stream<SpaceSaving> panes() {
        return Stream.of(counters).filter(Objects::nonNull);
    }

    @Override
    public void close(int slot) {
        counters[slot].trim();
    }

    @Override
    public void forget(int slot) {
        counters[slot] = null;
    }
}
