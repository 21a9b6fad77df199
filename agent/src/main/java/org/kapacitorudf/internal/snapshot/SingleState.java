package org.kapacitorudf.internal.snapshot;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.kapacitorudf.state.State;

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
    public int groupCount() {
        return 0;
    }

    @Override
    public Writing begin(SnapshotBuffer out) {
        serializer.writeValue(value, out);
        return Written.WRITTEN;
    }

    @Override
    public Runnable read(Envelope.Section section) {
        T restored = serializer.readValue(section, fresh);
        return () -> value = restored;
    }

    private enum Written implements Writing {
        WRITTEN;

        @Override
        public boolean goOn(BooleanSupplier mayGoOn) {
            return true;
        }

        @Override
        public void end() {}
    }
}
