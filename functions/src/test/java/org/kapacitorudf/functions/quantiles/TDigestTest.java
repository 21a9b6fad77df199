package org.kapacitorudf.functions.quantiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.tdunning.math.stats.MergingDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.functions.Runs;

@Tag("one-jdk")
@Tag("slow")
class TDigestTest {
    private static final int VALUES = 100_000;
    private static final double[] QUANTILES = {0.5, 0.99};

    /** Distributions whose values are rarely equal. */
    enum Smooth {
        UNIFORM,
        GAUSSIAN,
        EXPONENTIAL,
        LOG_NORMAL;

        double next(Random random) {
            return switch (this) {
                case UNIFORM -> random.nextDouble();
                case GAUSSIAN -> random.nextGaussian();
                case EXPONENTIAL -> -Math.log(1 - random.nextDouble());
                case LOG_NORMAL -> Math.exp(2 * random.nextGaussian());
            };
        }

        double[] values(int count, long seed) {
            Random random = new Random(seed);
            return DoubleStream.generate(() -> next(random)).limit(count).toArray();
        }
    }

    /**
     * The 99th percentile of the rank errors over all runs, in shares of all values: less than 0.5 % at p50, and than
     * 0.05 % at p99.
     */
    @ParameterizedTest
    @EnumSource
    void theRankIsOffByLessThanPromised(Smooth distribution) {
        theRankIsOffByLessThanPromised(distribution, VALUES, 1);
        for (int count : new int[] {1000, 10_000, VALUES}) {
            theRankIsOffByLessThanPromised(distribution, count, 5);
        }
    }

    private static void theRankIsOffByLessThanPromised(Smooth distribution, int count, int panes) {
        int runs = count > 1000 ? Runs.count(5) : Runs.count(300);
        double[][] errors = new double[QUANTILES.length][runs];
        for (int run = 0; run < runs; run++) {
            double[] values = distribution.values(count, run);
            Distribution digest = digest(values, panes);
            Arrays.sort(values);
            for (int i = 0; i < QUANTILES.length; i++) {
                errors[i][run] = rankError(values, digest.quantile(QUANTILES[i]), QUANTILES[i]);
            }
        }
        assertThat(percentile99(errors[0]))
                .as("p50 of %d in %d panes", count, panes)
                .isLessThan(0.005);
        assertThat(percentile99(errors[1]))
                .as("p99 of %d in %d panes", count, panes)
                .isLessThan(0.0005);
    }

    private static double percentile99(double[] errors) {
        Arrays.sort(errors);
        return errors[(int) Math.ceil(0.99 * errors.length) - 1];
    }

    /** It has about as many centroids, and less than three times the error. */
    @ParameterizedTest
    @EnumSource
    void itIsLikeTheOneOfTheAuthors(Smooth distribution) {
        double ours = 0;
        double theirs = 0;
        int runs = Runs.count(3, 30);
        for (int run = 0; run < runs; run++) {
            double[] values = distribution.values(VALUES, run);
            MergingDigest other = new MergingDigest(100);
            for (double value : values) {
                other.add(value);
            }
            Distribution digest = digest(values, 1);
            assertThat(digest.count()).isEqualTo(other.size());
            Arrays.sort(values);
            for (double q : new double[] {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99}) {
                ours += rankError(values, digest.quantile(q), q) / Math.sqrt(q * (1 - q));
                theirs += rankError(values, other.quantile(q), q) / Math.sqrt(q * (1 - q));
                assertThat(rankError(values, digest.quantile(q), q)).isLessThan(0.005);
            }
            assertThat(digest.quantile(0)).isEqualTo(other.getMin());
            assertThat(digest.quantile(1)).isEqualTo(other.getMax());
        }
        assertThat(ours).as("sum of the errors").isLessThan(3 * theirs);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 100})
    void itIsExactWhileThereAreFewDifferentValues(int different) {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            double[] values = random.ints(1 + random.nextInt(2000), 0, different)
                    .mapToDouble(value -> 0.1 * value)
                    .toArray();
            Distribution digest = digest(values, 1 + seed % 5);
            Arrays.sort(values);
            for (double q : new double[] {0, 0.01, 0.07, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1}) {
                int rank = Math.max(1, (int) Math.ceil(q * values.length - 1e-9));
                assertThat(digest.quantile(q)).as("q %s, seed %d", q, seed).isEqualTo(values[rank - 1]);
            }
        }
    }

    @Test
    void theOrderOfSortedValuesDoesNoHarm() {
        double[] values =
                DoubleStream.iterate(0, value -> value + 1).limit(VALUES).toArray();
        for (double q : new double[] {0.001, 0.5, 0.99}) {
            assertThat(digest(values, 1).quantile(q)).isCloseTo(q * VALUES, within(0.005 * VALUES));
        }
    }

    @Test
    void halfOfTheValuesZeroIsAMedianOfExactlyZero() {
        Random random = new Random(1);
        double[] values = DoubleStream.generate(() -> random.nextInt(10) < 6 ? 0 : Math.exp(random.nextGaussian()))
                .limit(VALUES)
                .toArray();
        assertThat(digest(values, 5).quantile(0.5)).isZero();
    }

    @Test
    void quantilesRiseWithQAndStayBetweenTheLeastAndTheGreatestValue() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            double[] values = DoubleStream.generate(() -> switch (random.nextInt(6)) {
                        case 0 -> 0.1;
                        case 1 -> Math.rint(10 * random.nextGaussian()) / 10;
                        case 2 -> 1e30 * (random.nextBoolean() ? 1 : -1);
                        case 3 -> Double.MIN_VALUE;
                        default -> random.nextGaussian();
                    })
                    .limit(1 + random.nextInt(3000))
                    .toArray();
            Distribution digest = digest(values, 1 + random.nextInt(6));
            double last = Arrays.stream(values).min().orElseThrow();
            for (int i = 0; i <= 1000; i++) {
                double value = digest.quantile(i / 1000.0);
                assertThat(value).as("seed %d, q %d/1000", seed, i).isGreaterThanOrEqualTo(last);
                last = value;
            }
            assertThat(last).isEqualTo(Arrays.stream(values).max().orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource
    void itDoesNotGrow(Smooth distribution) {
        Random random = new Random(1);
        TDigest digest = new TDigest();
        int values = Runs.count(300_000, 3_000_000);
        for (int i = 0; i < values; i++) {
            digest.add(distribution.next(random));
        }
        digest.trim();
        assertThat(digest.bytes()).isLessThanOrEqualTo(TDigest.MOST_BYTES);
        assertThat(digest.centroids().total()).isEqualTo(values);
    }

    /**
     * A value that is too frequent to be merged with its neighbours is between others that cannot be merged across it.
     */
    @ParameterizedTest
    @ValueSource(ints = {20, 60, 110, 200, 1000})
    void frequentValuesDoNotMakeItGrow(int frequent) {
        Random random = new Random(frequent);
        TDigest digest = new TDigest();
        int most = 0;
        for (int i = 0; i < 200_000; i++) {
            digest.add(random.nextInt(3) > 0 ? random.nextInt(frequent) : frequent * random.nextDouble());
            if (i % 1000 == 0) {
                most = Math.max(most, digest.bytes());
            }
        }
        assertThat(most).isLessThanOrEqualTo(TDigest.MOST_BYTES);
    }

    /** Values close together far from 0 differ only in the last digits: their means are stored in full. */
    @Test
    void valuesFarFromZeroAndOutliersDoNotMakeItLessPrecise() {
        for (double[] outliers : new double[][] {{}, {-1e30, -1e29, 1e30}}) {
            double[] values = Arrays.stream(Smooth.GAUSSIAN.values(20_000, 1))
                    .map(value -> 1e9 + value)
                    .toArray();
            System.arraycopy(outliers, 0, values, 500, outliers.length);
            Distribution digest = digest(values, 5);
            Arrays.sort(values);
            for (double q : new double[] {0.001, 0.01, 0.5, 0.99, 0.999}) {
                assertThat(rankError(values, digest.quantile(q), q)).isLessThan(0.005);
            }
        }
    }

    private static Distribution digest(double[] values, int panes) {
        List<TDigest> digests = new ArrayList<>();
        for (int pane = 0; pane < panes; pane++) {
            TDigest digest = new TDigest();
            for (int i = pane * values.length / panes; i < (pane + 1) * values.length / panes; i++) {
                digest.add(values[i]);
            }
            if (pane % 2 == 0) {
                digest.trim();
            }
            digests.add(digest);
        }
        return new Distribution(digests.stream().map(TDigest::centroids).toList());
    }

    /** The distance between a share and the ranks of the value in the sorted values. */
    private static double rankError(double[] sorted, double value, double q) {
        int below = first(sorted, value, false);
        int upTo = first(sorted, value, true);
        double low = (double) below / sorted.length;
        double high = (double) upTo / sorted.length;
        return Math.max(0, Math.max(low - q, q - high));
    }

    private static int first(double[] sorted, double value, boolean isAbove) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) / 2;
            if (sorted[middle] < value || isAbove && sorted[middle] == value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
