package org.kapacitorudf.streams;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether each group is in one partition of the input, where producers are trusted with that. It sees the partitions of this process alone.
 *
 * <p>Threading: safe for any thread.
 */
final class PartitionCheck {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionCheck.class);

    /** Groups that are remembered. */
    static final int MAX_GROUPS = 100_000;

    private final boolean isUsed;
    private final String function;
    private final Map<ByteBuffer, Integer> partitions = new ConcurrentHashMap<>();
    private volatile boolean isBroken;

    PartitionCheck(boolean isUsed, String function) {
        this.isUsed = isUsed;
        this.function = function;
    }

    void see(byte[] group, int partition) {
        if (!isUsed || isBroken) {
            return;
        }
        Integer first = partitions.size() < MAX_GROUPS
                ? partitions.putIfAbsent(ByteBuffer.wrap(group), partition)
                : partitions.get(ByteBuffer.wrap(group));
        if (first != null && first != partition) {
            isBroken = true;
            partitions.clear();
            LOG.error(
                    "{}: group \"{}\" is in the partitions {} and {} of the input (expected: each group in one, or no"
                            + " partitioned input). Two handlers have a part of its points each, and the results are wrong",
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
