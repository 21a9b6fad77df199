package org.kapacitorudf.server.tasks;

import java.time.Duration;

/**
 * Computes the delay before the next attempt. It doubles with each attempt, up to a maximum.
 *
 * <p>Threading: for use by one thread.
 */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(250);

    private final Duration longest;
    private Duration next = FIRST;

    Backoff(Duration longest) {
        this.longest = longest;
    }

    Duration next() {
        Duration now = next;
        Duration twice = now.multipliedBy(2);
        next = twice.compareTo(longest) > 0 ? longest : twice;
        return now;
    }

    void reset() {
        next = FIRST;
    }
}
