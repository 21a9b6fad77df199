package org.kapacitorudf.state;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Defines when a {@link GroupState} removes a group: some time after its last use, or when there are too many groups.
 * This is needed because Kapacitor does not report when a group ceases to exist.
 *
 * <p>Only {@link GroupState#of} and {@link GroupState#put} count as a use.
 *
 * <pre>{@code
 * Expiry.afterEventTime(Duration.ofHours(1)).andAtMost(100_000)
 * }</pre>
 *
 * <p>Threading: immutable, safe for use by any thread.
 */
public final class Expiry {
    /** The maximum of {@link #idle}: the sum of several durations in nanoseconds must fit into a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Expiry NEVER = new Expiry(Optional.empty(), Duration.ZERO, Integer.MAX_VALUE);

    /** The clock by which groups expire. */
    public enum Time {
        /**
         * Event time: the highest time of all points so far, of any group. It does not advance without data. A replay
         * of the data gives the same results.
         */
        EVENT,
        /** The wall clock. It advances without data, and also while the function is not running. */
        WALL
    }

    private final Optional<Time> time;
    private final Duration idle;
    private final int maxGroups;

    private Expiry(Optional<Time> time, Duration idle, int maxGroups) {
        this.time = time;
        this.idle = idle;
        this.maxGroups = maxGroups;
    }

    /** Returns an expiry that never removes a group. */
    public static Expiry never() {
        return NEVER;
    }

    /**
     * Returns an expiry that removes a group when event time has advanced by {@code idle} since the last use of the
     * group.
     */
    public static Expiry afterEventTime(Duration idle) {
        return new Expiry(Optional.of(Time.EVENT), checked(idle), Integer.MAX_VALUE);
    }

    /**
     * Returns an expiry that removes a group when {@code idle} has passed on the wall clock since the last use of the
     * group.
     */
    public static Expiry afterWallTime(Duration idle) {
        return new Expiry(Optional.of(Time.WALL), checked(idle), Integer.MAX_VALUE);
    }

    /**
     * Returns an expiry that limits the number of groups. If a new group exceeds the limit, the least recently used
     * group is removed.
     */
    public static Expiry atMost(int groups) {
        return NEVER.andAtMost(groups);
    }

    /** Returns a copy that also limits the number of groups. */
    public Expiry andAtMost(int groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("atMost: " + groups + " (expected: >= 1)");
        }
        return new Expiry(time, idle, groups);
    }

    private static Duration checked(Duration idle) {
        Objects.requireNonNull(idle, "idle");
        if (idle.isZero() || idle.isNegative() || idle.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: > 0 and <= " + LONGEST + ")");
        }
        return idle;
    }

    /** Whether groups never expire. */
    public boolean isNever() {
        return time.isEmpty() && maxGroups == Integer.MAX_VALUE;
    }

    /** The clock by which groups expire; empty if they do not expire by time. */
    public Optional<Time> time() {
        return time;
    }

    /** How long after its last use a group is removed; zero if groups do not expire by time. */
    public Duration idle() {
        return idle;
    }

    /** The maximum number of groups; {@link Integer#MAX_VALUE} if there is no limit. */
    public int maxGroups() {
        return maxGroups;
    }

    @Override
    public String toString() {
        String byTime = time.map(whose -> "after " + idle + " of " + whose).orElse("");
        String byNumber = maxGroups == Integer.MAX_VALUE ? "" : "at most " + maxGroups;
        String both = byTime + (byTime.isEmpty() || byNumber.isEmpty() ? "" : ", ") + byNumber;
        return both.isEmpty() ? "never" : both;
    }
}
