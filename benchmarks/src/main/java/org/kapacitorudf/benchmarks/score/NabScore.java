package org.kapacitorudf.benchmarks.score;

import java.util.List;
import org.kapacitorudf.benchmarks.score.LabelledSeries.Window;

/**
 * The standard score of the Numenta Anomaly Benchmark, for alerts at a fixed threshold.
 *
 * <p>The first points of a series, 15 % of it and at most 750, are not scored. The first alert in a window earns up to
 * 1, more for earlier alerts; a window without an alert costs 1; an alert outside windows costs up to 0.11, but less
 * shortly after a window.
 *
 * @param raw the earnings minus the costs
 * @param windows the number of windows
 * @param found windows with an alert
 * @param falseAlerts alerts outside windows
 */
record NabScore(double raw, int windows, int found, int falseAlerts) {
    static final NabScore NONE = new NabScore(0, 0, 0, 0);

    private static final double FALSE_ALERT = 0.11;

    /** The score of one series. */
    static NabScore of(LabelledSeries series, boolean[] alerts) {
        List<Window> windows = series.windows();
        boolean[] found = new boolean[windows.size()];
        double raw = 0;
        int falseAlerts = 0;
        for (int i = probation(series); i < alerts.length; i++) {
            if (!alerts[i]) {
                continue;
            }
            int before = -1;
            int in = -1;
            for (int w = 0; w < windows.size(); w++) {
                if (windows.get(w).contains(i)) {
                    in = w;
                } else if (windows.get(w).last() < i) {
                    before = w;
                }
            }
            if (in >= 0) {
                if (!found[in]) {
                    Window window = windows.get(in);
                    found[in] = true;
                    raw += sigmoid(-(window.last() - i + 1) / (double) window.length()) / sigmoid(-1);
                }
            } else {
                raw += FALSE_ALERT * (before < 0 ? -1 : sigmoid(distance(windows.get(before), i)));
                falseAlerts++;
            }
        }
        int hits = 0;
        for (boolean hit : found) {
            hits += hit ? 1 : 0;
        }
        return new NabScore(raw - (windows.size() - hits), windows.size(), hits, falseAlerts);
    }

    /** The number of points at the start that are not scored. */
    static int probation(LabelledSeries series) {
        return (int) Math.min(0.15 * series.length(), 750);
    }

    private static double distance(Window window, int index) {
        return (index - window.last()) / (double) (window.length() - 1);
    }

    /**
     * Returns nearly 1 long before the end of a window, 0 at the end, and -1 from three window lengths after the end.
     */
    private static double sigmoid(double position) {
        return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
    }

    NabScore plus(NabScore other) {
        return new NabScore(
                raw + other.raw, windows + other.windows, found + other.found, falseAlerts + other.falseAlerts);
    }

    /** The standard score: 0 without any alert, 100 for an alert at the start of each window and no other alerts. */
    double standard() {
        return 100 * (raw + windows) / (2.0 * windows);
    }
}
