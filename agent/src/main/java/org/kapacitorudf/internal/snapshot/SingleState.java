package org.kapacitorudf.internal.snapshot;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.state.State;

/** A state with one value for the whole handler. Threading: for use only within the handler's calls. */
final class SingleState<T> implements State<T>, StoredState {
    static final String NO_GROUP = "";

    private final StateSerializer<T> serializer;
    private final Supplier<? extends T> fresh;
    private @Nullable T value;
    private boolean isTouched; // whether the value has been accessed since the last save

    SingleState(StateSerializer<T> serializer, Supplier<? extends T> fresh) {
        this.serializer = serializer;
        this.fresh = fresh;
    }

    @Override
    public T get() {
        T current = value;
        if (current == null) {
            current = serializer.checked(fresh.get());
            value = current;
        }
        isTouched = true;
        return current;
    }

    @Override
    public void set(T value) {
        this.value = serializer.checked(value);
        isTouched = true;
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
        T current = value;
        if (current != null) {
            serializer.writeValue(current, out);
        }
        return Written.WRITTEN;
    }

    @Override
    public Runnable read(Envelope.Section section) {
        T restored = serializer.readValue(section, fresh);
        return () -> value = restored;
    }

    @Override
    public void keepChanges() {
        isTouched = value != null;
    }

    @Override
    public void take(String group, BackendValue stored, Envelope.Section section) {
        value = serializer.readValue(section, fresh);
    }

    @Override
    public void taken() {}

    @Override
    public int unsavedGroups() {
        return 0;
    }

    @Override
    public void save(String state, StateBackend backend, BackendValue.Writer out) {
        T current = value;
        if (isTouched && current != null) {
            isTouched = false;
            serializer.writeValue(current, out.begin(Kind.VALUE.code()));
            backend.put(state, NO_GROUP, out.toByteArray());
        }
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
