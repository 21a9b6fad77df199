package org.kapacitorudf;

import java.util.Map;
import org.kapacitorudf.internal.line.LineWriter;

/**
 * The beginning of a batch.
 *
 * @param name the measurement
 * @param group the group's id
 * @param tags the tags of the group
 * @param size the number of points that Kapacitor expects to follow; only a hint
 * @param byName whether the group includes the measurement
 */
public record BatchBegin(String name, String group, Map<String, String> tags, long size, boolean byName) {
    public BatchBegin {
        tags = Map.copyOf(tags);
    }

    /** Returns text for logs: {@code batch cpu,host=a}. */
    @Override
    public String toString() {
        return "batch " + LineWriter.series(name, tags);
    }
}
