package org.kapacitorudf.internal.snapshot;

import java.util.function.Supplier;
import org.kapacitorudf.Description;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/** States for tests, and their snapshots that are taken in one step. */
final class TestStates {
    private TestStates() {}

    static States of(String udf, int version, int maxSnapshotBytes) {
        return new States(Description.stream(udf, "").version(version), maxSnapshotBytes, () -> 0);
    }

    static <T> GroupState<T> groups(States states, String name, Class<T> type, Supplier<? extends T> fresh) {
        return states.groupState(name, type, fresh, Expiry.never(), null);
    }

    static byte[] snapshot(States states) {
        return snapshot(states, new byte[0]);
    }

    static byte[] snapshot(States states, byte[] handlerBytes) {
        StateSnapshot snapshot = states.begin(handlerBytes, false);
        snapshot.goOn(() -> true);
        return snapshot.toBytes();
    }
}
