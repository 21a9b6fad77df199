package org.kapacitorudf.state;

import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.kapacitorudf.GroupState;

/** One value for each group. Threading: the handler's calls only. */
final class StatePerGroup<T> implements GroupState<T>, StoredState {
    private final StateSerializer<T> serializer;
    private final Supplier<? extends T> fresh;
    private Map<String, T> groups = new HashMap<>();

    StatePerGroup(StateSerializer<T> serializer, Supplier<? extends T> fresh) {
        this.serializer = serializer;
        this.fresh = fresh;
    }

    @Override
    public T of(String group) {
        T value = groups.get(group);
        if (value == null) {
            // Not computeIfAbsent(): fresh is the function's own code and may well look at other groups.
            value = serializer.checked(fresh.get());
            groups.put(Objects.requireNonNull(group, "group"), value);
        }
        return value;
    }

    @Override
    public void put(String group, T value) {
        groups.put(Objects.requireNonNull(group, "group"), serializer.checked(value));
    }

    @Override
    public void remove(String group) {
        groups.remove(group);
    }

    @Override
    public int size() {
        return groups.size();
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super T> visitor) {
        groups.forEach(visitor);
    }

    @Override
    public Kind kind() {
        return Kind.GROUPS;
    }

    @Override
    public boolean isEmpty() {
        return groups.isEmpty();
    }

    @Override
    public void write(OutputStream out) {
        serializer.writeGroups(groups, out);
    }

    @Override
    public Runnable read(byte[] bytes, int offset, int length) {
        Map<String, T> restored = serializer.readGroups(bytes, offset, length, fresh);
        return () -> groups = restored;
    }
}
