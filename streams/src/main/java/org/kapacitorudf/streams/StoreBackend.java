package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.snapshot.StateBackend;

/**
 * The values of a partition's handler in a Kafka Streams store.
 *
 * <pre>
 *   06 77 69 6E 64 6F 77 | 68 6F 73 74 3D 61      key: the length of the state's name, "window",
 *                                                 and the group, "host=a"
 *   FF                                            the value is 01 if the store has been seeded,
 *                                                 and 00 if seeding has not ended
 * </pre>
 *
 * <p>Threading: used by one stream thread.
 *
 * <p>Errors: exceptions of the store belong to Kafka and are not errors of the handler: {@link #rethrow} rethrows them.
 */
final class StoreBackend implements StateBackend {
    /**
     * The key of the mark for seeding. It cannot be the key of a value: the keys of a state whose name has 255 bytes
     * also begin with FF, but are longer.
     */
    private static final Bytes SEEDED = Bytes.wrap(new byte[] {(byte) 0xFF});

    private static final byte[] BEGUN = {0};
    private static final byte[] DONE = {1};

    /** The assumed size of a value until values have been read or written. */
    private static final long ASSUMED_BYTES = 1024;

    private final KeyValueStore<Bytes, byte[]> store;
    private final int maxValueBytes;
    private long values; // read or written so far
    private long valueBytes;
    private @Nullable RuntimeException failure;

    StoreBackend(KeyValueStore<Bytes, byte[]> store, int maxValueBytes) {
        this.store = store;
        this.maxValueBytes = maxValueBytes;
    }

    @Override
    public void readAll(ValueTaker taker) {
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> next = all.next();
                if (!next.key.equals(SEEDED)) {
                    byte[] key = next.key.get();
                    int nameBytes = Byte.toUnsignedInt(key[0]);
                    count(next.value);
                    taker.take(
                            new String(key, 1, nameBytes, StandardCharsets.UTF_8),
                            new String(key, 1 + nameBytes, key.length - 1 - nameBytes, StandardCharsets.UTF_8),
                            next.value);
                }
            }
        }
    }

    @Override
    public void put(String state, String group, byte[] value) {
        if (value.length > maxValueBytes) {
            throw new SnapshotException("group \"" + group + "\": " + value.length + " bytes (expected: <= "
                    + maxValueBytes + ", maxValueBytes)");
        }
        count(value);
        change(key(state, group), value);
    }

    private void count(byte[] value) {
        values++;
        valueBytes += value.length;
    }

    /** The mean size of the values that have been read or written. */
    long meanValueBytes() {
        return values == 0 ? ASSUMED_BYTES : valueBytes / values;
    }

    @Override
    public void remove(String state, String group) {
        change(key(state, group), null);
    }

    private void change(Bytes key, byte @Nullable [] value) {
        try {
            store.put(key, value);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    private static Bytes key(String state, String group) {
        byte[] name = state.getBytes(StandardCharsets.UTF_8);
        byte[] ofGroup = group.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[1 + name.length + ofGroup.length];
        key[0] = (byte) name.length;
        System.arraycopy(name, 0, key, 1, name.length);
        System.arraycopy(ofGroup, 0, key, 1 + name.length, ofGroup.length);
        return Bytes.wrap(key);
    }

    /**
     * Seeds the store, unless it has been seeded or used. If a worker is killed during the seeding, a mark remains in
     * the store, so the next worker repeats the seeding.
     *
     * @return the number of groups; -1 if nothing was done, because the store had been seeded or used before
     */
    int seed(ToIntFunction<StateBackend> seed) {
        byte[] mark = store.get(SEEDED);
        if (mark == null ? !isEmpty() : mark[0] == DONE[0]) {
            return -1;
        }
        store.put(SEEDED, BEGUN);
        int groups = seed.applyAsInt(this);
        store.put(SEEDED, DONE);
        return groups;
    }

    private boolean isEmpty() {
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            return !all.hasNext();
        }
    }

    /** Throws the exception of the store again, if the store has thrown one. */
    void rethrow() {
        if (failure != null) {
            throw failure;
        }
    }
}
