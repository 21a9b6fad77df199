package org.kapacitorudf.state;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When a {@link GroupState} forgets a group: some time after its last use, or when there are too many. Kapacitor never tells that a group is gone.
 *
 * <p>A group is used by {@link GroupState#of} and {@link GroupState#put}.
 *
 * <pre>{@code
 * Expiry.afterEventTime(Duration.ofHours(1)).andAtMost(100_000)
 * }</pre>
 *
 * <p>Threading: immutable, safe for any thread.
 */
public final class Expiry {
    /** Far from what nanoseconds in a long can hold: durations are added up. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Expiry NEVER = new Expiry(Optional.empty(), Duration.ZERO, Integer.MAX_VALUE);

    /** Whose time counts. */
    public enum Time {
        /** The points' own: the highest time of all groups' points so far. It stands still while no data comes, and a replay is as good as the day itself. */
        EVENT,
        /** The clock on the wall: it goes on while no data comes, and while the function is not running. */
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

    /** Groups stay until they are removed. */
    public static Expiry never() {
        return NEVER;
    }

    /** A group goes when the points' time has come to that much after its last use. */
    public static Expiry afterEventTime(Duration idle) {
        return new Expiry(Optional.of(Time.EVENT), checked(idle), Integer.MAX_VALUE);
    }

    /** A group goes when that much time has passed since its last use. */
    public static Expiry afterWallTime(Duration idle) {
        return new Expiry(Optional.of(Time.WALL), checked(idle), Integer.MAX_VALUE);
    }

    /** For each group that is one too many, the one that has not been used for longest goes. */
    public static Expiry atMost(int groups) {
        return NEVER.andAtMost(groups);
    }

    /** The same, and no more groups than this. */
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

    /** Whether groups stay until they are removed. */
    public boolean isNever() {
        return time.isEmpty() && maxGroups == Integer.MAX_VALUE;
    }

    /** Whose time counts; empty if none does. */
    public Optional<Time> time() {
        return time;
    }

    /** How long after its last use a group goes; zero if time does not count. */
    public Duration idle() {
        return idle;
    }

    /** The largest number of groups; {@link Integer#MAX_VALUE} if there is no limit. */
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
