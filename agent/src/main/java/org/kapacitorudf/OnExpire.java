package org.kapacitorudf;

import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/**
 * Called for each group that an {@link Expiry} has removed from a {@link GroupState}.
 *
 * <p>Threading: called like the handler, one call at a time. If a group was removed because there were too many, this
 * method is called right after the call that added a group; otherwise it is called before the next call.
 *
 * <p>Errors: as for {@link Handler#point}. The group is removed even if this method throws. If this method adds a
 * group, another group may expire and cause a further call. To prevent an endless loop, a chain longer than the maximum
 * number of groups throws an {@link IllegalStateException}.
 */
@FunctionalInterface
public interface OnExpire<T> {
    /**
     * Called after the group has been removed.
     *
     * @param value the last value, which the state no longer holds
     */
    void expired(String group, T value, Output output) throws Exception;
}
