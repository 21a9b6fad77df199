package org.kapacitorudf.functions.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.functions.Runs;
import org.kapacitorudf.functions.top.TopSeries.Item;

@Tag("one-jdk")
class TopSeriesTest {
    private static final int ALL = 1_000_000;

    /** The bounds of Metwally et al., and of Agarwal et al. for merged panes, which always hold. */
    @Test
    void eachCountIsAsCloseAsPromisedAndNoFrequentItemIsMissed() {
        for (int run = 0; run < Runs.count(60); run++) {
            Random random = new Random(run);
            int panes = 1 + random.nextInt(5);
            int size = 1 + random.nextInt(100);
            int points = 1 + random.nextInt(20_000);
            double skew = 0.5 + 2 * random.nextDouble();
            TopSeries series = new TopSeries();
            Map<String, Long> model = new HashMap<>();
            for (int i = 0; i < points; i++) {
                String item = "item" + (long) Math.pow(1 - random.nextDouble(), -1 / skew);
                int slot = i * panes / points;
                series.add(slot, panes, item, size);
                model.merge(item, 1L, Long::sum);
                if (i % 1000 == 0) {
                    series.close(slot);
                }
            }
            List<Item> top = series.top(ALL);
            assertThat(series.total()).as("run %d", run).isEqualTo(points);
            for (Item item : top) {
                long count = model.get(item.item());
                assertThat(item.count()).as("run %d, %s", run, item).isBetween(count, count + item.error());
                assertThat(item.error()).as("run %d, %s", run, item).isLessThanOrEqualTo(points / size);
            }
            Set<String> found = top.stream().map(Item::item).collect(Collectors.toSet());
            model.forEach((item, count) -> {
                if (count > points / size) {
                    assertThat(found).contains(item);
                }
            });
            assertThat(top).isSortedAccordingTo((one, other) -> Long.compare(other.count(), one.count()));
        }
    }

    /** With ten counters for each requested item, and a Zipf distribution with exponent 1.1. */
    @Test
    void theMostFrequentTenOfAZipfDistributionAreFound() {
        int right = 0;
        int runs = Runs.count(10);
        for (int run = 0; run < runs; run++) {
            Random random = new Random(run);
            TopSeries series = new TopSeries();
            Map<String, Long> model = new HashMap<>();
            double[] ends = zipf(10_000, 1.1);
            for (int i = 0; i < 20_000; i++) {
                int at = Arrays.binarySearch(ends, random.nextDouble() * ends[ends.length - 1]);
                String item = "item" + (at < 0 ? -at - 1 : at);
                series.add(i / 4000, 5, item, 100);
                model.merge(item, 1L, Long::sum);
            }
            long tenth = model.values().stream()
                    .sorted((one, other) -> Long.compare(other, one))
                    .toList()
                    .get(9);
            right += (int) series.top(10).stream()
                    .filter(item -> model.get(item.item()) >= tenth)
                    .count();
        }
        assertThat(right).isGreaterThan((int) (0.97 * 10 * runs));
    }

    private static double[] zipf(int items, double exponent) {
        double[] ends = new double[items];
        double sum = 0;
        for (int i = 0; i < items; i++) {
            sum += Math.pow(i + 1, -exponent);
            ends[i] = sum;
        }
        return ends;
    }

    @Test
    void countsAreExactWhileThereIsACounterForEachItem() {
        TopSeries series = new TopSeries();
        for (int i = 0; i < 55; i++) {
            series.add(i % 2, 2, "item" + (int) Math.sqrt(i), 8);
        }
        assertThat(series.top(3))
                .containsExactly(new Item("item6", 13, 0), new Item("item5", 11, 0), new Item("item4", 9, 0));
    }

    @Test
    void itemsOfTheSameCountAreInTheOrderOfTheirNames() {
        TopSeries series = new TopSeries();
        List.of("c", "a", "d", "b").forEach(item -> series.add(0, 1, item, 10));
        assertThat(series.top(10)).extracting(Item::item).containsExactly("a", "b", "c", "d");
    }

    @Test
    void itemsWhoseHashesAreEqualAreDifferent() {
        TopSeries series = new TopSeries();
        List.of("Aa", "BB", "BB").forEach(item -> series.add(0, 1, item, 10));
        assertThat("Aa").hasSameHashCodeAs("BB");
        assertThat(series.top(10)).containsExactly(new Item("BB", 2, 0), new Item("Aa", 1, 0));
    }

    /** Items are merged when 64 have been collected: each of the next begins with what b and c may have occurred. */
    @Test
    void anItemWithoutACounterBeginsWithTheCountThatItMayHave() {
        TopSeries series = new TopSeries();
        List.of("a", "a", "b", "c").forEach(item -> series.add(0, 1, item, 2));
        assertThat(series.top(10)).containsExactly(new Item("a", 2, 0), new Item("b", 1, 0));
        List.of("c", "d", "d").forEach(item -> series.add(0, 1, item, 2));
        assertThat(series.top(10)).containsExactly(new Item("d", 3, 1), new Item("a", 2, 0));
        series.forget(0);
        assertThat(series.top(10)).isEmpty();
    }

    @Test
    void thereIsNoErrorWhileThereIsACounterForEachItemOfAPane() {
        TopSeries series = new TopSeries();
        List.of("a", "a", "b").forEach(item -> series.add(0, 2, item, 2));
        series.add(1, 2, "c", 2);
        assertThat(series.top(10)).containsExactly(new Item("a", 2, 0), new Item("b", 1, 0), new Item("c", 1, 0));
    }

    /** A complete pane drops counters. Late points may begin them again. */
    @Test
    void aCompletePaneGivesTheSameCounts() {
        for (int run = 0; run < Runs.count(60); run++) {
            Random random = new Random(run);
            int size = 1 + random.nextInt(50);
            TopSeries packed = new TopSeries();
            TopSeries plain = new TopSeries();
            for (int i = 0; i < 3000; i++) {
                String item = "\u00fc" + (int) Math.pow(1 - random.nextDouble(), -1.5);
                packed.add(i / 1000, 3, item, size);
                plain.add(i / 1000, 3, item, size);
            }
            IntStream.range(0, 3).forEach(packed::close);
            assertThat(packed.total()).isEqualTo(plain.total());
            Map<String, Item> left = new HashMap<>();
            packed.top(ALL).forEach(item -> left.put(item.item(), item));
            long leastLeft = left.values().stream().mapToLong(Item::count).min().orElse(Long.MAX_VALUE);
            for (Item item : plain.top(ALL)) {
                if (left.containsKey(item.item())) {
                    assertThat(left.get(item.item()).count()).isEqualTo(item.count());
                } else {
                    assertThat(item.count()).as("run %d, dropped", run).isLessThanOrEqualTo(leastLeft);
                }
            }
            packed.add(1, 3, "late", size);
            plain.add(1, 3, "late", size);
            assertThat(packed.total()).isEqualTo(plain.total());
        }
    }
}
