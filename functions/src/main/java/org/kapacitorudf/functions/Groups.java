package org.kapacitorudf.functions;

import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.state.GroupState;

/**
 * The state of all groups of a function, which expire as the shared option says. A {@link SnapshotBudget} is told how
 * many there are.
 *
 * <p>Threading: the handler's calls only.
 */
final class Groups<S> {
    private final GroupState<S> state;
    private final SnapshotBudget budget;

    /** @param name of the state in the snapshot */
    Groups(Context context, String name, Class<S> type, Supplier<? extends S> fresh, SnapshotBudget budget) {
        this.budget = budget;
        state = context.groupState(name, type, fresh, SharedOptions.expiry(context.option(SharedOptions.EXPIRE)));
    }

    /** The group's value, made on first use. */
    S of(String group) {
        S value = state.of(group);
        budget.check(state.size());
        return value;
    }
}
