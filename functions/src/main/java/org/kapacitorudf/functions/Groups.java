package org.kapacitorudf.functions;

import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.state.GroupState;

/**
 * The state of all groups of a function, which expire according to the shared option. Passes the number of groups to a
 * {@link SnapshotBudget}.
 *
 * <p>Threading: the handler's calls only.
 */
final class Groups<S> {
    private final GroupState<S> state;
    private final SnapshotBudget budget;

    /** @param name the name of the state in the snapshot */
    Groups(Context context, String name, Class<S> type, Supplier<? extends S> fresh, SnapshotBudget budget) {
        this.budget = budget;
        state = context.groupState(name, type, fresh, SharedOptions.expiry(context.option(SharedOptions.EXPIRE)));
    }

    /** Returns the group's value, and creates it on first use. */
    S of(String group) {
        S value = state.of(group);
        budget.check(state.size());
        return value;
    }
}
