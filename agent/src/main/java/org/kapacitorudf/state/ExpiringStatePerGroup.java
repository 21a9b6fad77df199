package org.kapacitorudf.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import org.kapacitorudf.Expiry;
import org.kapacitorudf.OnExpire;

/**
 * One value for each group, for as long as an {@link Expiry} lets it stay.
 *
 * <p>The groups are linked in the order of their last use, so those that go are always the first.
 *
 * <p>Threading: the handler's calls only.
 */
final class ExpiringStatePerGroup<T> extends StatePerGroup<T> {
    private final UseClock clock;
    private final long idleNanos;
    private final int maxGroups;
    private final OnExpire<T> onExpire; // null if nobody wants to know
    private final Times times;
    private final Queue<Group.Used<T>> gone = new ArrayDeque<>();
    /** Before the group that was used first and after the one that was used last, in a ring. */
    private final Group.Used<T> ring = new Group.Used<>("", null, 0, 0);

    private long uses;

    ExpiringStatePerGroup(
            StateSerializer<T> serializer,
            Supplier<? extends T> fresh,
            Expiry expiry,
            OnExpire<T> onExpire,
            Times times) {
        super(serializer, fresh);
        this.clock = expiry.time()
                .map(time -> time == Expiry.Time.EVENT ? UseClock.EVENT : UseClock.WALL)
                .orElse(UseClock.COUNT);
        this.idleNanos = expiry.idle().toNanos();
        this.maxGroups = expiry.maxGroups();
        this.onExpire = onExpire;
        this.times = times;
        clear();
    }

    @Override
    UseClock clock() {
        return clock;
    }

    @Override
    public Kind kind() {
        return Kind.USED_GROUPS;
    }

    /** Takes the next group that has to go out of the state; null for none of which somebody wants to know. */
    Expired<T> nextExpired() {
        while (gone.isEmpty() && isDue()) {
            expireFirst();
        }
        Group.Used<T> next = gone.poll();
        return next == null ? null : new Expired<>(next.name, next.value, onExpire);
    }

    private boolean isDue() {
        return switch (clock) {
            case EVENT -> isDueAt(times.eventNanos);
            case WALL -> isDueAt(times.wallNanos);
            case COUNT -> false;
        };
    }

    private boolean isDueAt(long nowNanos) {
        long latest = nowNanos - idleNanos;
        // The difference may be less than any time there is.
        return ring.after != ring && latest <= nowNanos && ring.after.lastUse <= latest;
    }

    /** When the next group goes by the clock on the wall; {@link Long#MAX_VALUE} for never. */
    long wallExpiryNanos() {
        return clock == UseClock.WALL && ring.after != ring ? ring.after.lastUse + idleNanos : Long.MAX_VALUE;
    }

    private void expireFirst() {
        Group.Used<T> first = ring.after;
        remove(first.name);
        if (onExpire != null) {
            gone.add(first);
        }
    }

    @Override
    Group<T> newGroup(String name, T value, int writtenIn, long lastUse) {
        return new Group.Used<>(name, value, writtenIn, lastUse);
    }

    @Override
    void used(Group<T> group) {
        Group.Used<T> used = (Group.Used<T>) group;
        if (used.before != null) {
            unlink(used);
        }
        used.lastUse = now();
        // A clock that has gone back must not keep those that were used before it did.
        for (Group.Used<T> last = ring.before; last != ring && last.lastUse > used.lastUse; last = last.before) {
            last.lastUse = used.lastUse;
        }
        linkLast(used);
    }

    private long now() {
        return switch (clock) {
            case EVENT -> times.eventNanos;
            case WALL -> times.wallClockNanos();
            case COUNT -> ++uses;
        };
    }

    @Override
    void added() {
        if (size() > maxGroups) {
            expireFirst();
        }
    }

    @Override
    void removed(Group<T> group) {
        unlink((Group.Used<T>) group);
    }

    @Override
    void write(Group<T> group, StateSerializer<T>.GroupsWriter out) {
        out.write(group.name, ((Group.Used<T>) group).lastUse, group.value);
    }

    /** Groups whose last use is not known count as used now. */
    @Override
    void replaced(Collection<Group<T>> groups, UseClock ofLastUses) {
        List<Group.Used<T>> inOrder = new ArrayList<>(groups.size());
        groups.forEach(group -> inOrder.add((Group.Used<T>) group));
        inOrder.sort(Comparator.comparingLong(group -> group.lastUse));
        clear();
        for (Group.Used<T> group : inOrder) {
            if (ofLastUses != clock) {
                group.lastUse = now();
            } else if (clock == UseClock.WALL) {
                group.lastUse = Math.min(group.lastUse, now());
            }
            linkLast(group);
        }
        if (clock == UseClock.COUNT) {
            uses = ring.before.lastUse;
        }
        while (size() > maxGroups) {
            expireFirst();
        }
    }

    /** The latest use by the points' time, if that is what counts and is known. */
    long lastEventNanos() {
        return clock == UseClock.EVENT && ring.before != ring ? ring.before.lastUse : Times.UNKNOWN;
    }

    /** The points' time is known from now on: those that were used before count as used now. */
    void eventTimeBegins() {
        if (clock == UseClock.EVENT) {
            for (Group.Used<T> group = ring.after;
                    group != ring && group.lastUse == Times.UNKNOWN;
                    group = group.after) {
                group.lastUse = times.eventNanos;
            }
        }
    }

    private void clear() {
        ring.before = ring;
        ring.after = ring;
        gone.clear();
    }

    private void linkLast(Group.Used<T> group) {
        group.before = ring.before;
        group.after = ring;
        ring.before.after = group;
        ring.before = group;
    }

    private static <T> void unlink(Group.Used<T> group) {
        group.before.after = group.after;
        group.after.before = group.before;
    }
}
