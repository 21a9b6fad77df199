package org.kapacitorudf;

import java.util.Map;
import org.kapacitorudf.internal.line.LineWriter;

/**
 * The beginning of a batch.
 *
 * @param name the measurement
 * @param group the group's id
 * @param tags the tags of the group: the batch's own
 * @param size how many points Kapacitor expects to follow: a hint
 * @param byName whether the group includes the measurement
 */
public record BatchBegin(String name, String group, Map<String, String> tags, long size, boolean byName) {
    public BatchBegin {
        tags = Map.copyOf(tags);
    }

    /** For people: {@code batch cpu,host=a}, a series of line protocol. */
    @Override
    public String toString() {
        return "batch " + LineWriter.series(name, tags);
    }
}
