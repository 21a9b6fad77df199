package org.kapacitorudf;

import java.time.Instant;
import java.util.Map;
import org.kapacitorudf.internal.line.LineWriter;

/**
 * The end of a batch.
 *
 * @param name the measurement
 * @param group the group's id
 * @param tmaxNanos the batch's time in nanoseconds since the epoch: the end of its window
 * @param tags the tags of the group
 */
public record BatchEnd(String name, String group, long tmaxNanos, Map<String, String> tags) {
    public BatchEnd {
        tags = Map.copyOf(tags);
    }

    /** The batch's time; see {@link #tmaxNanos()}. */
    public Instant tmax() {
        return Instant.ofEpochSecond(0, tmaxNanos);
    }

    /** Returns text for logs: {@code batch cpu,host=a until 1700000000000000000}. */
    @Override
    public String toString() {
        return "batch " + LineWriter.series(name, tags) + " until " + tmaxNanos;
    }
}
