package org.kapacitorudf.state;

import org.kapacitorudf.Context;

/**
 * Changes what an older version of a function has saved into what this version reads. Fields that come and go need none: see {@link Context#groupState}.
 *
 * <pre>{@code
 * .version(2, value -> value.fields()
 *         .computeIfPresent("seconds", (name, seconds) -> ((Number) seconds).longValue() * 1000))
 * }</pre>
 *
 * <p>Threading: called during a restore, one value at a time.
 *
 * <p>Errors: whatever it throws makes the restore fail, with the state and the group in the error.
 */
@FunctionalInterface
public interface Migration {
    /** Changes one value: that of one group, or of a state that has only one. Called once for each value of a snapshot of a lower version. */
    void migrate(SavedValue value) throws Exception;
}
