package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.utils.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether each group is in a single partition of the input, as {@link UdfTopology#partitioned} declares. The
 * check covers only the partitions of this process.
 *
 * <p>Threading: safe for use by any thread.
 */
final class PartitionCheck {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionCheck.class);

    /** The maximum number of groups that are remembered; further groups are not checked. */
    static final int MAX_GROUPS = 100_000;

    private final boolean isUsed;
    private final String function;
    private final Map<Bytes, Integer> partitions = new ConcurrentHashMap<>();
    private volatile boolean isBroken;

    PartitionCheck(boolean isUsed, String function) {
        this.isUsed = isUsed;
        this.function = function;
    }

    void see(byte[] group, int partition) {
        if (!isUsed || isBroken) {
            return;
        }
        Bytes key = Bytes.wrap(group);
        Integer first = partitions.get(key);
        if (first == null && partitions.size() < MAX_GROUPS) {
            first = partitions.putIfAbsent(key, partition);
        }
        if (first != null && first != partition) {
            isBroken = true;
            partitions.clear();
            LOG.error(
                    "{}: group \"{}\" is in the partitions {} and {} of the input (expected: each group in one, or no"
                            + " partitioned input). Two handlers get a part of its points each, and the results are wrong",
                    function,
                    new String(group, StandardCharsets.UTF_8),
                    first,
                    partition);
        }
    }

    /** Whether a group has been seen in two partitions. */
    boolean isBroken() {
        return isBroken;
    }
}
