package org.kapacitorudf.state;

import org.kapacitorudf.Context;

/**
 * Upgrades state that an older version of a function has saved. Added and removed fields need no migration: see
 * {@link Context#groupState}.
 *
 * <pre>{@code
 * .version(2, value -> value.fields()
 *         .computeIfPresent("seconds", (name, seconds) -> ((Number) seconds).longValue() * 1000))
 * }</pre>
 *
 * <p>Threading: called during a restore, one value at a time.
 *
 * <p>Errors: an exception makes the restore fail. The error names the state and the group.
 */
@FunctionalInterface
public interface Migration {
    /**
     * Upgrades one value: the value of one group, or of a state without groups. Called once for each value in a
     * snapshot of a lower version.
     */
    void migrate(SavedValue value) throws Exception;
}
