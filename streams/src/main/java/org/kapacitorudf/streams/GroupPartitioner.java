package org.kapacitorudf.streams;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Chooses the partition of a group in the repartition topic, as Kafka's Java producer does by default.
 *
 * <p>Threading: safe for use by any thread.
 */
final class GroupPartitioner implements StreamPartitioner<byte[], byte[]> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int partitions) {
        return Optional.of(Set.of(partition(key, partitions)));
    }

    static int partition(byte[] group, int partitions) {
        return Utils.toPositive(Utils.murmur2(group)) % partitions;
    }
}
