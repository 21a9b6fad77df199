package org.kapacitorudf.server.tasks;

import java.time.Duration;
import java.util.Set;

/**
 * What the server's operator allows.
 *
 * @param served the functions that are served now
 * @param mixed whether tasks may be reloaded that use other functions as well: whoever serves those has to listen by then
 * @param maxReloads how often a task may be reloaded within {@code interval}, after ends of the server that nobody had planned
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

    /** The same for other functions. */
    public ReloadRules serving(Set<String> functions) {
        return new ReloadRules(functions, mixed, maxReloads, interval);
    }
}
