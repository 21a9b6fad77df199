package org.kapacitorudf.functions;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.functions.series.Series;
import org.kapacitorudf.state.GroupState;

/**
 * The state of all groups of a function. A group expires after the time that {@link SharedOptions#EXPIRE} sets. The
 * number of groups is reported to a {@link SnapshotBudget}.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class Groups<S> {
    private final GroupState<S> state;
    private final SnapshotBudget budget;

    /** @param name the name of the state in the snapshot */
    Groups(Context context, String name, Class<S> type, Supplier<? extends S> fresh, SnapshotBudget budget) {
        this.budget = budget;
        state = context.groupState(name, type, fresh, SharedOptions.expiry(context.option(SharedOptions.EXPIRE)));
    }

    /** Returns the group's state, and creates it on first use. */
    S of(String group) {
        S value = state.of(group);
        budget.check(state.size());
        return value;
    }

    /** Returns the tags by which a point is grouped. */
    static Map<String, String> tags(Point point) {
        Map<String, String> tags = new TreeMap<>(point.tags());
        tags.keySet().retainAll(point.dimensions());
        return tags;
    }

    /** Returns the error for a point that is older than the last point of its group. */
    static FieldException late(Point point, Series series) {
        return new FieldException("time: " + point.timeNanos() + " (expected: >= " + series.lastTime()
                + ", the time of the last point of the group)");
    }
}
