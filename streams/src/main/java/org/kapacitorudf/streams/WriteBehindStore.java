package org.kapacitorudf.streams;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * A store in memory with a changelog, whose owner writes its changes directly before Kafka Streams commits.
 *
 * <p>Kafka Streams has no public hook for this. But before it flushes the producer and commits, it asks stores that
 * have a cache to flush the cache. This store therefore pretends to have a cache. {@link CachedStateStore} is internal
 * to Kafka Streams. {@code UdfTopologyTest.stateIsInTheChangelogBeforeTheCommit} fails if a new version of Kafka
 * Streams changes this.
 *
 * <p>Threading: used by one stream thread.
 */
final class WriteBehindStore implements StateStore, CachedStateStore<Bytes, byte[]> {
    private final KeyValueStore<Bytes, byte[]> values;
    private Optional<Runnable> beforeCommit = Optional.empty();

    private WriteBehindStore(KeyValueStore<Bytes, byte[]> values) {
        this.values = values;
    }

    /**
     * Creates a builder.
     *
     * @param isCached whether a value is often written more than once between two commits: only the last value is then
     *     sent to the changelog
     */
    static StoreBuilder<WriteBehindStore> builder(String name, boolean isCached) {
        StoreBuilder<KeyValueStore<Bytes, byte[]>> builder =
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray());
        return new Builder(isCached ? builder.withCachingEnabled() : builder);
    }

    /** Sets the action that writes the changes, which is called before each commit; empty for none. */
    void beforeCommit(Optional<Runnable> writing) {
        beforeCommit = writing;
    }

    KeyValueStore<Bytes, byte[]> values() {
        return values;
    }

    @Override
    public void flushCache() {
        beforeCommit.ifPresent(Runnable::run);
        if (values instanceof CachedStateStore<?, ?> cached) {
            cached.flushCache();
        }
    }

    @Override
    public void clearCache() {
        if (values instanceof CachedStateStore<?, ?> cached) {
            cached.clearCache();
        }
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Bytes, byte[]> listener, boolean sendsOldValues) {
        return false;
    }

    @Override
    public String name() {
        return values.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        values.init(context, root);
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        values.commit(changelogOffsets);
    }

    @Override
    public void close() {
        values.close();
    }

    @Override
    public boolean persistent() {
        return values.persistent();
    }

    @Override
    public boolean isOpen() {
        return values.isOpen();
    }

    /** Builds stores. The settings are passed to the builder of the store in memory. */
    private record Builder(StoreBuilder<KeyValueStore<Bytes, byte[]>> ofValues)
            implements StoreBuilder<WriteBehindStore> {
        @Override
        public StoreBuilder<WriteBehindStore> withCachingEnabled() {
            return new Builder(ofValues.withCachingEnabled());
        }

        @Override
        public StoreBuilder<WriteBehindStore> withCachingDisabled() {
            return new Builder(ofValues.withCachingDisabled());
        }

        @Override
        public StoreBuilder<WriteBehindStore> withLoggingEnabled(Map<String, String> config) {
            return new Builder(ofValues.withLoggingEnabled(config));
        }

        @Override
        public StoreBuilder<WriteBehindStore> withLoggingDisabled() {
            return new Builder(ofValues.withLoggingDisabled());
        }

        @Override
        public WriteBehindStore build() {
            return new WriteBehindStore(ofValues.build());
        }

        @Override
        public Map<String, String> logConfig() {
            return ofValues.logConfig();
        }

        @Override
        public boolean loggingEnabled() {
            return ofValues.loggingEnabled();
        }

        @Override
        public String name() {
            return ofValues.name();
        }
    }
}
