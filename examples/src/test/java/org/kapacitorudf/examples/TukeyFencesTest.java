package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TukeyFencesTest {
    private static final double[] KAPACITORS_EXAMPLE = {
        5, 6, 7, 13, 33, 35, 36, 45, 46, 47, 48, 50, 51, 52, 53, 54, 80, 85, 90, 100
    };

    @Test
    void kapacitorsExampleHasFiveOutliers() {
        assertThat(outliers(1.5, KAPACITORS_EXAMPLE)).containsExactly(5, 6, 85, 90, 100);
    }

    @Test
    void quartilesAreInterpolatedAsInRType7() {
        // R: quantile(c(5, 6, ..., 100)) gives 34.5 and 53.25.
        assertThat(TukeyFences.of(KAPACITORS_EXAMPLE, 1)).isEqualTo(new TukeyFences(34.5 - 18.75, 53.25 + 18.75));
    }

    @Test
    void theOrderOfTheValuesDoesNotMatter() {
        assertThat(TukeyFences.of(new double[] {9, 1, 5, 3}, 1.5))
                .isEqualTo(TukeyFences.of(new double[] {1, 3, 5, 9}, 1.5));
    }

    @Test
    void fewValuesHaveNoOutliers() {
        assertThat(outliers(1.5)).isEmpty();
        assertThat(outliers(1.5, 7)).isEmpty();
        assertThat(outliers(1.5, 1, 1e9)).isEmpty();
        assertThat(outliers(1.5, 1, 2, 1e9)).isEmpty();
    }

    @Test
    void scaleZeroLeavesTheMiddleHalf() {
        assertThat(outliers(0, 7)).isEmpty();
        assertThat(outliers(0, 1, 2, 3)).containsExactly(1, 3);
    }

    @Test
    void equalValuesHaveNoSpread() {
        assertThat(outliers(1.5, 0.1, 0.1, 0.1, 0.1, 0.1)).isEmpty();
        assertThat(outliers(1.5, 0.1, 0.1, 0.1, 0.1, 0.2)).containsExactly(0.2);
    }

    @Test
    void aValueOnTheFenceIsNoOutlier() {
        assertThat(TukeyFences.of(new double[] {0, 4, 8}, 1)).isEqualTo(new TukeyFences(-2, 10));
        assertThat(new TukeyFences(-2, 10).isOutlier(10)).isFalse();
        assertThat(new TukeyFences(-2, 10).isOutlier(Math.nextUp(10.0))).isTrue();
        assertThat(new TukeyFences(-2, 10).isOutlier(-2)).isFalse();
    }

    @Test
    void nanIsNeitherCountedNorAnOutlier() {
        assertThat(outliers(1.5, Double.NaN)).isEmpty();
        double[] withNaN = Arrays.copyOf(KAPACITORS_EXAMPLE, KAPACITORS_EXAMPLE.length + 1);
        withNaN[KAPACITORS_EXAMPLE.length] = Double.NaN;
        assertThat(outliers(1.5, withNaN)).containsExactly(5, 6, 85, 90, 100);
    }

    @Test
    void anInfinityIsAnOutlierAndNotCounted() {
        assertThat(outliers(1.5, Double.POSITIVE_INFINITY)).containsExactly(Double.POSITIVE_INFINITY);
        assertThat(outliers(1.5, 1, Double.NEGATIVE_INFINITY, 2, 3)).containsExactly(Double.NEGATIVE_INFINITY);
    }

    @Test
    void anOverflowOfTheSpreadMakesNoOutliers() {
        assertThat(outliers(1.5, -Double.MAX_VALUE, -1, 0, 1, Double.MAX_VALUE))
                .containsExactly(-Double.MAX_VALUE, Double.MAX_VALUE);
        assertThat(outliers(0, -Double.MAX_VALUE, -Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE))
                .isEmpty();
    }

    private static double[] outliers(double scale, double... values) {
        TukeyFences fences = TukeyFences.of(values, scale);
        return Arrays.stream(values).filter(fences::isOutlier).toArray();
    }
}
