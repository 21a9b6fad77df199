package org.kapacitorudf.functions.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.kapacitorudf.functions.detect.Alerts;

/**
 * The members of one group, and the open slot: see {@link Comparison}.
 *
 * <p>What is known of the members is in arrays, sorted by name, because an object for each would be larger than its
 * contents. Members that join are merged into them when a slot is judged.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Cohort {
    static final long NO_SLOT = Long.MIN_VALUE;

    /** The members, in the order in which they are judged. */
    String[] names = {};

    /** Their last values in the open slot and in the previous one; NaN if there is none. */
    double[] current = {};

    double[] previous = {};

    /** Their recent distance from the median, as a multiple of the limit: from -2 to 2. */
    float[] away = {};

    /** The time of their last value, in seconds since the epoch in 32 bits, which wrap around. */
    int[] seen = {};

    /** Members that have joined since the last slot was judged. */
    final TreeMap<String, Member> joined = new TreeMap<>();

    /** The members that are warming up, or that have alerted recently. */
    final TreeMap<String, Alerts> alerts = new TreeMap<>();

    /** The newest slot that has a value. */
    long slot = NO_SLOT;

    /** The slot for which members were last forgotten to make room. Not saved: it only avoids work. */
    transient long forgetSlot = NO_SLOT;

    /** The exponentially weighted spread of the members. */
    double spread;

    /** The number of consecutive late values. */
    byte late;

    /**
     * The member whose last values were far ahead of the open slot, and the number of these values. Empty if there is
     * no such member.
     */
    String ahead = "";

    byte aheadCount;

    /**
     * The size, in bytes, of a member with a name of ten characters in an uncompressed snapshot.
     *
     * @param warmsUp whether it may be warming up
     */
    public static long snapshotBytes(boolean warmsUp) {
        return warmsUp ? 102 : 40;
    }

    /** Returns the number of members. */
    public int size() {
        return names.length + joined.size();
    }

    /** Moves the members of a cohort that was saved by version 1 into arrays. */
    public static void migrate(Map<String, Object> cohort) {
        List<Object> names = new ArrayList<>();
        Map<String, List<Object>> columns = new HashMap<>();
        Map<String, Object> alerts = new HashMap<>();
        List<String> kept = List.of("current", "previous", "away");
        if (cohort.remove("members") instanceof Map<?, ?> members) {
            // Sorted as Java sorts strings, as they were saved.
            members.forEach((name, value) -> {
                @SuppressWarnings("unchecked") // the fields of an object
                Map<String, Object> member = (Map<String, Object>) value;
                names.add(name);
                kept.forEach(column -> columns.computeIfAbsent(column, key -> new ArrayList<>())
                        .add(member.get(column)));
                columns.computeIfAbsent("seen", key -> new ArrayList<>())
                        .add(seconds(((Number) Objects.requireNonNull(member.get("time"))).longValue()));
                Alerts.migrate(member);
                alerts.put((String) name, member.get("alerts"));
            });
        }
        cohort.put("names", names);
        cohort.putAll(columns);
        cohort.put("alerts", alerts);
    }

    /**
     * Returns the index of a member; negative if there is no such member, or if it has joined since the last slot was
     * judged.
     */
    int find(String name) {
        return Arrays.binarySearch(names, name);
    }

    /** Merges members that have joined into the arrays. */
    void join(long time) {
        if (joined.isEmpty()) {
            return;
        }
        int size = size();
        Cohort merged = new Cohort();
        merged.resize(size);
        int from = 0;
        int to = 0;
        for (Map.Entry<String, Member> entry : joined.entrySet()) {
            int until = -find(entry.getKey()) - 1;
            merged.copy(this, from, to, until - from);
            to += until - from;
            from = until;
            merged.names[to] = entry.getKey();
            merged.current[to] = entry.getValue().current;
            merged.previous[to] = entry.getValue().previous;
            merged.seen[to] = seconds(time);
            alerts.put(entry.getKey(), Alerts.bornAt(time));
            to++;
        }
        merged.copy(this, from, to, names.length - from);
        joined.clear();
        take(merged);
    }

    /**
     * Forgets each member that has no value in the open slot or the previous one, and whose last value is older than
     * {@code expireNanos}.
     */
    void expire(long time, long expireNanos) {
        int[] left = IntStream.range(0, names.length)
                .filter(i -> !isSilent(i) || 1_000_000_000.0 * (seconds(time) - seen[i]) <= expireNanos)
                .toArray();
        if (left.length == names.length) {
            return;
        }
        Cohort members = new Cohort();
        members.resize(left.length);
        for (int i = 0; i < left.length; i++) {
            members.copy(this, left[i], i, 1);
        }
        take(members);
        alerts.keySet().retainAll(Set.of(names));
    }

    private boolean isSilent(int i) {
        return Double.isNaN(previous[i]) && Double.isNaN(current[i]);
    }

    private void take(Cohort members) {
        names = members.names;
        current = members.current;
        previous = members.previous;
        away = members.away;
        seen = members.seen;
    }

    private void resize(int size) {
        names = Arrays.copyOf(names, size);
        current = Arrays.copyOf(current, size);
        previous = Arrays.copyOf(previous, size);
        away = Arrays.copyOf(away, size);
        seen = Arrays.copyOf(seen, size);
    }

    private void copy(Cohort from, int at, int to, int count) {
        System.arraycopy(from.names, at, names, to, count);
        System.arraycopy(from.current, at, current, to, count);
        System.arraycopy(from.previous, at, previous, to, count);
        System.arraycopy(from.away, at, away, to, count);
        System.arraycopy(from.seen, at, seen, to, count);
    }

    static int seconds(long time) {
        return (int) Math.floorDiv(time, 1_000_000_000L);
    }
}
