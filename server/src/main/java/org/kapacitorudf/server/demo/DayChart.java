package org.kapacitorudf.server.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A chart of a day's values and their means, drawn with characters: a dot for each value, and a hash for each mean. The
 * vertical range is that of the means. Arrows at the edge stand for values outside this range.
 *
 * <pre>
 *   60 |           ^  ..
 *   55 |  ... .####.##.
 *   50 |.####.#.. ..   .
 *      +----------------
 * </pre>
 */
final class DayChart {
    private static final int COLUMNS = 72;
    private static final int ROWS = 8;
    private static final double ROWS_BEYOND_MEANS = 1;
    private static final int HOURS_PER_LABEL = 4;
    private static final int COLUMNS_PER_HOUR = COLUMNS / 24;
    private static final String MARGIN = "     ";

    private final char[][] cells = new char[ROWS][COLUMNS];
    private final double lowest;
    private final double perRow;

    private DayChart(double[] means) {
        double min = Arrays.stream(means).min().orElse(0);
        double max = Arrays.stream(means).max().orElse(0);
        perRow = Math.max((max - min) / (ROWS - 2 * ROWS_BEYOND_MEANS), 0.1);
        lowest = min - ROWS_BEYOND_MEANS * perRow;
        for (char[] row : cells) {
            Arrays.fill(row, ' ');
        }
    }

    /** Draws a day, from midnight to midnight. */
    static List<String> of(double[] values, double[] means) {
        DayChart chart = new DayChart(means);
        chart.draw(values, '.');
        chart.draw(means, '#');
        return chart.lines();
    }

    private void draw(double[] series, char mark) {
        for (int i = 0; i < series.length; i++) {
            int column = (int) ((long) i * COLUMNS / series.length);
            double row = Math.floor((series[i] - lowest) / perRow);
            if (row < 0) {
                cells[0][column] = 'v';
            } else if (row >= ROWS) {
                cells[ROWS - 1][column] = '^';
            } else {
                cells[(int) row][column] = mark;
            }
        }
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int row = ROWS - 1; row >= 0; row--) {
            double middle = lowest + (row + 0.5) * perRow;
            lines.add(String.format(Locale.ROOT, "%4.0f |%s", middle, new String(cells[row]))
                    .stripTrailing());
        }
        lines.add(MARGIN + "+" + "-".repeat(COLUMNS));
        StringBuilder hours = new StringBuilder(MARGIN).append(' ');
        for (int hour = 0; hour < 24; hour += HOURS_PER_LABEL) {
            String label = Day.clock(60 * hour);
            hours.append(label).append(" ".repeat(HOURS_PER_LABEL * COLUMNS_PER_HOUR - label.length()));
        }
        lines.add(hours.toString().stripTrailing());
        return lines;
    }
}
