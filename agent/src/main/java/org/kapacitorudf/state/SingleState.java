package org.kapacitorudf.state;

import java.io.OutputStream;
import java.util.function.Supplier;
import org.kapacitorudf.State;

/** One value of a handler. Threading: the handler's calls only. */
final class SingleState<T> implements State<T>, StoredState {
    private final StateSerializer<T> serializer;
    private final Supplier<? extends T> fresh;
    private T value;

    SingleState(StateSerializer<T> serializer, Supplier<? extends T> fresh) {
        this.serializer = serializer;
        this.fresh = fresh;
    }

    @Override
    public T get() {
        if (value == null) {
            value = serializer.checked(fresh.get());
        }
        return value;
    }

    @Override
    public void set(T value) {
        this.value = serializer.checked(value);
    }

    @Override
    public Kind kind() {
        return Kind.VALUE;
    }

    @Override
    public boolean isEmpty() {
        return value == null;
    }

    @Override
    public void write(OutputStream out) {
        serializer.writeValue(value, out);
    }

    @Override
    public Runnable read(byte[] bytes, int offset, int length) {
        T restored = serializer.readValue(bytes, offset, length, fresh);
        return () -> value = restored;
    }
}
