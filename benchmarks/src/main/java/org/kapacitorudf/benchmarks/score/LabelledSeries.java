package org.kapacitorudf.benchmarks.score;

import java.util.List;

/**
 * A series with labelled anomalies.
 *
 * @param times in nanoseconds since the epoch
 * @param windows the windows of the anomalies, in order
 */
record LabelledSeries(String name, long[] times, double[] values, List<Window> windows) {
    /** Consecutive points of a series, from the first to the last index, both included. */
    record Window(int first, int last) {
        boolean contains(int index) {
            return index >= first && index <= last;
        }

        int length() {
            return last - first + 1;
        }
    }

    int length() {
        return values.length;
    }

    /** The time from the point at this index to the last point, in weeks. */
    double weeksFrom(int index) {
        return (times[times.length - 1] - times[index]) / (7 * 86_400e9);
    }
}
