package org.kapacitorudf.streams;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.kapacitorudf.errors.UdfException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counts of a function in this process: invalid lines, and the counts of each partition's handler. Also the first
 * failure to save state before a commit, because Kafka Streams only logs a failure of its last commit.
 *
 * <p>Threading: safe for use by any thread.
 */
final class FunctionCounts {
    private static final Logger LOG = LoggerFactory.getLogger(FunctionCounts.class);
    private static final int MAX_LOGGED_LINES = 100;

    private final String function;
    private final LongAdder badLines = new LongAdder();
    private final Map<Integer, PartitionCounts> partitions = new ConcurrentHashMap<>();
    private final AtomicReference<UdfException> saveFailure = new AtomicReference<>();

    FunctionCounts(String function) {
        this.function = function;
    }

    void badLine(String reason) {
        badLines.increment();
        long count = badLines.sum();
        if (count <= MAX_LOGGED_LINES) {
            LOG.warn(
                    "{}: a line is dropped: {}{}",
                    function,
                    reason,
                    count == MAX_LOGGED_LINES ? "; further ones are only counted" : "");
        }
    }

    long badLines() {
        return badLines.sum();
    }

    PartitionCounts partition(int partition) {
        return partitions.computeIfAbsent(partition, PartitionCounts::new);
    }

    void saveFailed(UdfException failure) {
        saveFailure.compareAndSet(null, failure);
    }

    Optional<UdfException> saveFailure() {
        return Optional.ofNullable(saveFailure.get());
    }

    /** The counts of all partitions that have ever been assigned to this process, ordered by partition number. */
    List<PartitionStatus> partitions() {
        return new TreeMap<>(partitions)
                .values().stream().map(PartitionCounts::status).toList();
    }
}
