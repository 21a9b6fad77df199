package org.kapacitorudf.functions.distinct;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.functions.Runs;
import org.kapacitorudf.functions.distinct.DistinctSeries.Count;

@Tag("one-jdk")
class DistinctSeriesTest {
    private static final int PANES = 5;
    private static final int PRECISION = 10;

    private final DistinctSeries series = new DistinctSeries();

    /**
     * According to the theory of UltraLogLog 2.38 % for a precision of 10, and 0.7 times that for each further step.
     */
    @ParameterizedTest
    @CsvSource({"10, 1000, 0.026", "10, 20000, 0.026", "12, 5000, 0.013"})
    void theRelativeErrorIsAsPromised(int precision, int distinct, double most) {
        int runs = Runs.count(50);
        double squares = 0;
        for (int run = 0; run < runs; run++) {
            DistinctSeries one = new DistinctSeries();
            for (int i = 0; i < distinct; i++) {
                one.add(i % PANES, PANES, ValueHash.of("user-" + run + "-" + i), precision);
                one.add((i + 1) % PANES, PANES, ValueHash.of("user-" + run + "-" + i), precision);
            }
            Count count = one.count(precision);
            assertThat(count.isExact()).isFalse();
            squares += Math.pow((double) count.distinct() / distinct - 1, 2);
        }
        double slack = runs < 1000 ? 1.3 : 1;
        assertThat(Math.sqrt(squares / runs)).isLessThan(most * slack);
    }

    @Test
    void itIsExactWhileNoPaneHasMoreThanAHundred() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            DistinctSeries one = new DistinctSeries();
            Set<Integer> model = new HashSet<>();
            for (int i = 0; i < 2000; i++) {
                int value = random.nextInt(1 + random.nextInt(DistinctSet.MOST_EXACT));
                int slot = random.nextInt(PANES);
                one.add(slot, PANES, ValueHash.of(slot * 30L + value), PRECISION);
                model.add(slot * 30 + value);
                if (i % 100 == 0) {
                    one.close(slot);
                }
            }
            assertThat(one.count(PRECISION)).isEqualTo(new Count(model.size(), true));
        }
    }

    @Test
    void theHundredAndFirstMakesItASketch() {
        for (int i = 0; i < DistinctSet.MOST_EXACT; i++) {
            series.add(0, 1, ValueHash.of(i), PRECISION);
        }
        assertThat(series.count(PRECISION)).isEqualTo(new Count(DistinctSet.MOST_EXACT, true));
        series.add(0, 1, ValueHash.of(7L), PRECISION);
        assertThat(series.count(PRECISION).isExact()).isTrue();
        series.add(0, 1, ValueHash.of(1000L), PRECISION);
        assertThat(series.count(PRECISION).isExact()).isFalse();
        assertThat(series.count(PRECISION).distinct()).isBetween(90L, 112L);
    }

    @Test
    void aSketchAndHashesAreCountedTogether() {
        for (int i = 0; i < 5000; i++) {
            series.add(0, PANES, ValueHash.of(i), PRECISION);
        }
        long before = series.count(PRECISION).distinct();
        for (int i = 0; i < 90; i++) {
            series.add(1, PANES, ValueHash.of(i), PRECISION);
        }
        assertThat(series.count(PRECISION).distinct()).isEqualTo(before);
        series.forget(0);
        assertThat(series.count(PRECISION)).isEqualTo(new Count(90, true));
    }

    @Test
    void valuesOfDifferentTypesHaveDifferentHashes() {
        assertThat(Set.of(
                        ValueHash.of(1L),
                        ValueHash.of(0L),
                        ValueHash.of("1"),
                        ValueHash.of(""),
                        ValueHash.of("true"),
                        ValueHash.of(true),
                        ValueHash.of(false),
                        ValueHash.of(1.5),
                        ValueHash.of(Double.doubleToLongBits(1.5)),
                        ValueHash.of("1.5")))
                .hasSize(10);
    }

    /** Snapshots contain hashes, which must be the same in each release and on each machine. */
    @Test
    void hashesNeverChange() {
        assertThat(ValueHash.NAME).isEqualTo("komihash5_0");
        assertThat(new long[] {ValueHash.of("server01"), ValueHash.of(42L), ValueHash.of(0.5), ValueHash.of(true)})
                .containsExactly(
                        -6872157722258865424L, 8612434660469049941L, -6620642227920906607L, -8247858879316734481L);
    }
}
