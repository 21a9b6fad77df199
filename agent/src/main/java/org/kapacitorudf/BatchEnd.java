package org.kapacitorudf;

import java.util.Map;

/**
 * The end of a batch.
 *
 * @param name the measurement
 * @param group the group's id
 * @param tmax the batch's time in nanoseconds since the epoch: the end of its window
 * @param tags the tags of the group: the batch's own
 */
public record BatchEnd(String name, String group, long tmax, Map<String, String> tags) {
    public BatchEnd {
        tags = Map.copyOf(tags);
    }
}
