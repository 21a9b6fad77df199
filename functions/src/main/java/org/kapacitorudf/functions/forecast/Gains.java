package org.kapacitorudf.functions.forecast;

import java.util.ArrayList;
import java.util.List;

/**
 * The smoothing parameters of a {@linkplain HoltWinters model}: the fraction of an error by which each component is
 * corrected.
 *
 * @param level the fraction of the error by which the level is corrected
 * @param slope the fraction of the level's correction by which the slope is corrected
 * @param season the fraction of the error by which the slot of the short season is corrected; more while the slot is
 *     new
 * @param longSeason the same for the slot of the long season
 */
public record Gains(double level, double slope, double season, double longSeason) {
    /** A single model without a trend: the best of the single models that were tried. */
    public static final List<Gains> FIXED = List.of(new Gains(0.005, 0, 0.2, 0.3));

    /**
     * Models with all combinations of two values for each parameter. The first one is used as long as the models are
     * equally good.
     */
    public static final List<Gains> GRID = grid();

    private static List<Gains> grid() {
        List<Gains> grid = new ArrayList<>();
        for (double slope : new double[] {0, 0.02}) {
            for (double level : new double[] {0.005, 0.05}) {
                for (double season : new double[] {0.05, 0.4}) {
                    for (double longSeason : new double[] {0.1, 0.5}) {
                        grid.add(new Gains(level, slope, season, longSeason));
                    }
                }
            }
        }
        return List.copyOf(grid);
    }
}
