package org.kapacitorudf.server.tasks;

import java.time.Duration;
import java.util.Set;

/**
 * The operator's rules for reloads.
 *
 * @param served the functions that are served now
 * @param mixed whether to reload tasks that also use other functions; the servers of those functions must be listening
 *     when the tasks are reloaded
 * @param maxReloads how often a task may be reloaded within {@code interval} after unplanned exits of the server
 */
public record ReloadRules(Set<String> served, boolean mixed, int maxReloads, Duration interval) {
    public static final int MAX_RELOADS = 3;
    public static final Duration INTERVAL = Duration.ofHours(1);

    private static final int MOST_RELOADS = 1_000;

    public ReloadRules {
        served = Set.copyOf(served);
        if (maxReloads < 1 || maxReloads > MOST_RELOADS) {
            throw new IllegalArgumentException(
                    "max task reloads: " + maxReloads + " (expected: >= 1 and <= " + MOST_RELOADS + ")");
        }
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("task reload interval: " + interval + " (expected: > 0)");
        }
    }

    /** Returns a copy with other served functions. */
    public ReloadRules serving(Set<String> functions) {
        return new ReloadRules(functions, mixed, maxReloads, interval);
    }
}
