package org.kapacitorudf;

import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/**
 * Is told of each group that an {@link Expiry} has taken out of a {@link GroupState}.
 *
 * <p>Threading: a call of the handler like any other. For a group that went because there were too many it comes right after the call that made the one too
 * many, else before the next call.
 *
 * <p>Errors: as from {@link Handler#point}. The group has gone by then, whatever is thrown. A group that is made here may drive out another one, of which this is told
 * too; more of them in a row than there may be groups are an {@link IllegalStateException}, or there would be no end.
 */
@FunctionalInterface
public interface OnExpire<T> {
    /**
     * Takes leave of a group.
     *
     * @param value the last one; the state does not hold it any more
     */
    void expired(String group, T value, Output output) throws Exception;
}
