package org.kapacitorudf.internal.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Output;
import org.kapacitorudf.state.Expiry;

/**
 * A state with one value for each group. Groups are removed according to an {@link Expiry}.
 *
 * <p>The groups are in the order of their last use, so expired groups always come first.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class ExpiringStatePerGroup<T> extends StatePerGroup<T> {
    /**
     * The maximum number of groups that are removed in one call without a notification. Limited, so that the call does
     * not take too long.
     */
    private static final int MOST_AT_ONCE = 10_000;

    private final UseClock clock;
    private final long idleNanos;
    private final int maxGroups;
    private final @Nullable OnExpire<T> onExpire; // null if no notification is wanted
    private final StateTimes times;
    private final Queue<Expired> gone = new ArrayDeque<>();
    private long uses;
    private boolean telling;
    private int madeWhileTelling;

    ExpiringStatePerGroup(
            StateSerializer<T> serializer,
            Supplier<? extends T> fresh,
            Expiry expiry,
            @Nullable OnExpire<T> onExpire,
            StateTimes times) {
        super(serializer, fresh);
        this.clock = expiry.time()
                .map(time -> time == Expiry.Time.EVENT ? UseClock.EVENT : UseClock.WALL)
                .orElse(UseClock.COUNT);
        this.idleNanos = expiry.idle().toNanos();
        this.maxGroups = expiry.maxGroups();
        this.onExpire = onExpire;
        this.times = times;
    }

    private void tell(OnExpire<T> handler, String group, T value, Output output) throws Exception {
        telling = true;
        try {
            handler.expired(group, value, output);
        } finally {
            telling = false;
        }
    }

    @Override
    UseClock clock() {
        return clock;
    }

    @Override
    public Kind kind() {
        return Kind.USED_GROUPS;
    }

    /**
     * Removes expired groups, up to and including the next group that needs a notification. Returns that group, or a
     * placeholder after {@link #MOST_AT_ONCE} other groups; null if nothing is left to remove.
     */
    @Nullable
    Expired nextExpired() {
        GroupEntry<T> due;
        for (int silently = 0; gone.isEmpty() && (due = due()) != null; silently++) {
            if (silently == MOST_AT_ONCE) {
                return new Expired("", output -> {});
            }
            expire(due);
        }
        Expired next = gone.poll();
        if (next == null) {
            madeWhileTelling = 0;
        }
        return next;
    }

    /** Returns the group that expires next if it is due; null otherwise. */
    private @Nullable GroupEntry<T> due() {
        return switch (clock) {
            case EVENT -> dueAt(times.eventNanos);
            case WALL -> dueAt(times.wallNanos);
            case COUNT -> null;
        };
    }

    private @Nullable GroupEntry<T> dueAt(long nowNanos) {
        GroupEntry<T> first = ring().first();
        long latest = nowNanos - idleNanos;
        // The subtraction may overflow.
        return first != null && latest <= nowNanos && lastUse(first) <= latest ? first : null;
    }

    /**
     * The wall-clock time at which the next group expires; {@link Long#MAX_VALUE} if no group expires by the wall
     * clock.
     */
    long wallExpiryNanos() {
        GroupEntry<T> first = ring().first();
        return clock == UseClock.WALL && first != null ? lastUse(first) + idleNanos : Long.MAX_VALUE;
    }

    private void expire(GroupEntry<T> group) {
        remove(group.name);
        OnExpire<T> handler = onExpire;
        if (handler != null) {
            gone.add(new Expired(group.name, output -> tell(handler, group.name, group.value, output)));
        }
    }

    private static long lastUse(GroupEntry<?> group) {
        return ((GroupEntry.Used<?>) group).lastUse;
    }

    private static void setLastUse(GroupEntry<?> group, long lastUse) {
        ((GroupEntry.Used<?>) group).lastUse = lastUse;
    }

    @Override
    GroupEntry<T> newGroup(String name, T value, int writtenIn, long lastUse) {
        return new GroupEntry.Used<>(name, value, writtenIn, lastUse);
    }

    @Override
    void used(GroupEntry<T> group) {
        moveLast(group);
        long now = now();
        setLastUse(group, now);
        // If the clock has been set back, groups that were used earlier must not be kept for longer.
        for (GroupEntry<T> earlier = ring().before(group);
                earlier != null && lastUse(earlier) > now;
                earlier = ring().before(earlier)) {
            setLastUse(earlier, now);
        }
    }

    private long now() {
        return switch (clock) {
            case EVENT -> times.eventNanos;
            case WALL -> wallNow();
            case COUNT -> ++uses;
        };
    }

    private long wallNow() {
        long now = times.wallClockNanos();
        // If the clock has been set back, a group that is used now must not look as if it had expired before.
        times.wallNanos = Math.min(times.wallNanos, now);
        return now;
    }

    @Override
    void added() {
        GroupEntry<T> first = ring().first();
        if (first == null || size() <= maxGroups) {
            return;
        }
        if (telling && ++madeWhileTelling > maxGroups) {
            // Without this limit, each new group could make another group expire, in an endless loop.
            remove(first.name);
            throw new IllegalStateException(
                    "onExpire: created " + madeWhileTelling + " groups in place of expired ones (expected: <= "
                            + maxGroups + ", the maximum number of groups)");
        }
        expire(first);
    }

    @Override
    void write(GroupEntry<T> group, StateSerializer<T>.GroupsWriter out) {
        out.write(group.name, lastUse(group), group.value);
    }

    @Override
    BackendValue.Writer begin(GroupEntry<T> group, BackendValue.Writer out) {
        return out.begin(clock, lastUse(group));
    }

    /**
     * Sets the last use of each group whose last use is unknown, because another clock recorded it. The new value is
     * the latest known last use for event time, the current time for wall time, and 0 for a count.
     */
    @Override
    public void taken() {
        long latest = StateTimes.UNKNOWN;
        for (GroupEntry<T> group = ring().first(); group != null; group = ring().after(group)) {
            latest = Math.max(latest, lastUse(group));
        }
        long unknown = switch (clock) {
            case EVENT -> latest;
            case WALL -> times.wallClockNanos();
            case COUNT -> 0;
        };
        for (GroupEntry<T> group = ring().first(); group != null; group = ring().after(group)) {
            if (lastUse(group) == StateTimes.UNKNOWN) {
                setLastUse(group, unknown);
            }
        }
        replaced(clock);
    }

    /** If the last uses were recorded by another clock or are unknown, all groups are treated as used now. */
    @Override
    void replaced(@Nullable UseClock ofLastUses) {
        gone.clear();
        List<GroupEntry<T>> inOrder = new ArrayList<>(size());
        for (GroupEntry<T> group = ring().first(); group != null; group = ring().after(group)) {
            inOrder.add(group);
        }
        inOrder.sort(Comparator.comparingLong(ExpiringStatePerGroup::lastUse));
        for (GroupEntry<T> group : inOrder) {
            if (ofLastUses != clock) {
                setLastUse(group, now());
            } else if (clock == UseClock.WALL) {
                setLastUse(group, Math.min(lastUse(group), now()));
            } else if (clock == UseClock.COUNT) {
                uses = lastUse(group);
            }
            moveLast(group);
        }
        for (GroupEntry<T> first = ring().first(); first != null && size() > maxGroups; first = ring().first()) {
            expire(first);
        }
    }

    /** The latest use in event time; unknown if groups expire by another clock, or if there are no groups. */
    long lastEventNanos() {
        GroupEntry<T> last = ring().last();
        return clock == UseClock.EVENT && last != null ? lastUse(last) : StateTimes.UNKNOWN;
    }

    /** Called when event time becomes known. Groups that were used earlier are treated as used now. */
    void eventTimeBegins() {
        if (clock == UseClock.EVENT) {
            for (GroupEntry<T> group = ring().first();
                    group != null && lastUse(group) == StateTimes.UNKNOWN;
                    group = ring().after(group)) {
                setLastUse(group, times.eventNanos);
            }
        }
    }
}
