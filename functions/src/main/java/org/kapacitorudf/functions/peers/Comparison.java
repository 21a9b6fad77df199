package org.kapacitorudf.functions.peers;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.functions.detect.Alerts;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.detect.Watched;
import org.kapacitorudf.functions.series.Series;

/**
 * Compares the members of a cohort with each other, one slot of time after another.
 *
 * <pre>
 *   slots     ... | judged | still open | newest | ...
 *             a slot is judged when a value comes for the slot after the next
 *   expected  the median of the members' values
 *   spread    1.4826 x the median distance from the median (Hampel 1974); the mean of the last slots if that is more
 *   limit     tolerance x (1.4 + 50 / members^2) x spread   in 2 % of Gaussian cohorts one member is outside by chance
 *   score     mean over the last slots of distance / limit, each at most 2 (exponentially weighted)
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
public final class Comparison {
    /**
     * A value this many slots ahead of all others is assumed to have a wrong time, until another member is as far
     * ahead.
     */
    public static final int MOST_AHEAD = 10;

    private static final double GAUSSIAN = 1.4826;

    /** The maximum that one slot contributes to the score, as a multiple of the limit. */
    private static final double MOST_AWAY = 2;

    /** A spread of less than this share of the median is a rounding error. */
    private static final double ROUNDING = 1e-6;

    private static final double LEAST_SPREAD = 1e-30;

    private final long alignNanos;
    private final double tolerance;
    private final int minMembers;
    private final int maxMembers;
    private final double weight;
    private final long expireNanos;
    private final double minDeviation;
    private final Policy policy;
    private final Judgement judgement = new Judgement();
    private final Against against = new Against();
    private final Row row = new Row();

    private double[] sorted = new double[16];
    private int count;
    private double median;
    private double limit;

    /** The outcome for a value. */
    public enum Taken {
        TAKEN,
        /** The slot of the value has already been judged. */
        LATE,
        /** The time of the value is far ahead of all other values. */
        AHEAD,
        /** The member is new, and the cohort already has the maximum number of members. */
        TOO_MANY
    }

    /** Receives each member's result. */
    public interface Sink {
        /**
         * @param time the start of the slot in nanoseconds since the epoch
         * @param changed whether {@code anomaly} differs from that of the previous slot
         */
        void give(String member, long time, double value, Judgement judgement, boolean changed);
    }

    /**
     * @param slots the number of slots over which a member is observed
     * @param policy the policy that decides about alerts
     */
    public Comparison(
            long alignNanos,
            double tolerance,
            int slots,
            int minMembers,
            int maxMembers,
            long expireNanos,
            Policy policy) {
        this.alignNanos = alignNanos;
        this.tolerance = tolerance;
        this.weight = 1.0 / slots;
        this.minMembers = minMembers;
        this.maxMembers = maxMembers;
        this.expireNanos = expireNanos;
        this.minDeviation = policy.minDeviation();
        this.policy = policy;
    }

    /**
     * Adds the value of a member. Slots that this value completes are judged first.
     *
     * @param time in nanoseconds since the epoch
     */
    public Taken take(Cohort cohort, long time, String name, double value, Sink sink) {
        long slot = Math.floorDiv(time, alignNanos);
        if (cohort.slot == Cohort.NO_SLOT) {
            cohort.slot = slot;
        }
        if (isAhead(cohort, slot, name)) {
            return Taken.AHEAD;
        }
        if (slot < cohort.slot - 1 && cohort.late < Series.MOST_LATE) {
            cohort.late++;
            return Taken.LATE;
        }
        int at = cohort.find(name);
        boolean isKnown = at >= 0 || cohort.joined.containsKey(name);
        if (!isKnown && cohort.size() >= maxMembers) {
            forgetGone(cohort, slot);
            if (cohort.size() >= maxMembers) {
                return Taken.TOO_MANY;
            }
            at = cohort.find(name);
        }
        if (slot < cohort.slot - 1) {
            forgetValues(cohort);
            cohort.slot = slot;
        }
        cohort.late = 0;
        cohort.aheadCount = 0;
        cohort.ahead = "";
        if (slot > cohort.slot) {
            for (int i = 0; i < 2 && slot > cohort.slot; i++) {
                close(cohort, sink);
                cohort.slot++;
            }
            at = cohort.find(name);
        }
        cohort.slot = Math.max(cohort.slot, slot);
        set(cohort, at, name, slot == cohort.slot, value);
        return Taken.TAKEN;
    }

    private static void set(Cohort cohort, int at, String name, boolean isCurrent, double value) {
        if (at >= 0) {
            (isCurrent ? cohort.current : cohort.previous)[at] = value;
            return;
        }
        Member member = cohort.joined.computeIfAbsent(name, key -> new Member());
        if (isCurrent) {
            member.current = value;
        } else {
            member.previous = value;
        }
    }

    /**
     * Forgets members that are gone, for a value of a new one. Otherwise, members are forgotten when a slot is judged,
     * which never happens if only new members have values. A second call for the same slot does nothing.
     */
    private void forgetGone(Cohort cohort, long slot) {
        if (slot == cohort.forgetSlot) {
            return;
        }
        cohort.forgetSlot = slot;
        long time = slot * alignNanos;
        if (time - (cohort.slot - 1) * alignNanos > expireNanos) {
            cohort.joined.clear();
            forgetValues(cohort);
        }
        cohort.expire(time, expireNanos);
    }

    private static void forgetValues(Cohort cohort) {
        Arrays.fill(cohort.current, Double.NaN);
        Arrays.fill(cohort.previous, Double.NaN);
        cohort.joined.values().forEach(member -> member.previous = member.current = Double.NaN);
    }

    /**
     * Whether the clock of a member may be wrong: the open slot moves far ahead only if another member is that far
     * ahead, too, or after many such values.
     */
    private static boolean isAhead(Cohort cohort, long slot, String name) {
        if (slot <= cohort.slot + MOST_AHEAD
                || cohort.size() < 2
                || cohort.aheadCount >= Series.MOST_LATE
                || !(cohort.ahead.isEmpty() || cohort.ahead.equals(name))) {
            return false;
        }
        cohort.ahead = name;
        cohort.aheadCount++;
        return true;
    }

    /** Judges the slot before the open one; the open slot then becomes the slot to be judged next. */
    private void close(Cohort cohort, Sink sink) {
        long time = (cohort.slot - 1) * alignNanos;
        cohort.join(time);
        compare(cohort);
        boolean isMissing = false;
        for (int i = 0; i < cohort.names.length; i++) {
            double value = cohort.previous[i];
            cohort.previous[i] = cohort.current[i];
            cohort.current[i] = Double.NaN;
            if (Double.isNaN(value)) {
                isMissing |= Double.isNaN(cohort.previous[i]);
            } else {
                judge(cohort, i, time, value, sink);
            }
        }
        if (isMissing) {
            cohort.expire(time, expireNanos);
        }
    }

    private void judge(Cohort cohort, int at, long time, double value, Sink sink) {
        String name = cohort.names[at];
        Alerts before = cohort.alerts.isEmpty() ? null : cohort.alerts.get(name);
        against.of(cohort, at);
        row.begin(before);
        boolean changed = policy.take(against, row, time, value, judgement);
        cohort.seen[at] = Cohort.seconds(time);
        Alerts after = row.left();
        if (after == null && before != null) {
            cohort.alerts.remove(name);
        } else if (after != null && before == null) {
            cohort.alerts.put(name, after);
        }
        sink.give(name, time, value, judgement, changed);
    }

    /** Computes median and limit for the slot before the open one. */
    private void compare(Cohort cohort) {
        count = 0;
        if (sorted.length < cohort.names.length) {
            sorted = new double[2 * cohort.names.length];
        }
        for (double value : cohort.previous) {
            if (value >= policy.min() && value <= policy.max()) {
                sorted[count++] = value;
            }
        }
        if (count < minMembers) {
            return;
        }
        median = medianOfSorted();
        for (int i = 0; i < count; i++) {
            sorted[i] = Math.abs(sorted[i] - median);
        }
        double spread = GAUSSIAN * medianOfSorted();
        cohort.spread = cohort.spread == 0 ? spread : cohort.spread + weight * (spread - cohort.spread);
        double floor = Math.max(ROUNDING * Math.abs(median), LEAST_SPREAD);
        limit = tolerance * (1.4 + 50.0 / count / count) * Math.max(Math.max(spread, cohort.spread), floor);
    }

    private double medianOfSorted() {
        Arrays.sort(sorted, 0, count);
        return count % 2 == 1 ? sorted[count / 2] : sorted[count / 2 - 1] / 2 + sorted[count / 2] / 2;
    }

    /** One member, while it is judged. */
    private static final class Row extends Watched {
        void begin(@Nullable Alerts alerts) {
            moveTo(Long.MIN_VALUE + 1, 0);
            setAlerts(alerts);
        }

        @Nullable
        Alerts left() {
            return alerts();
        }
    }

    /** Compares one member with the median. */
    private final class Against implements Method<Row> {
        private Cohort cohort = new Cohort();
        private int at;
        private double away;

        void of(Cohort cohort, int at) {
            this.cohort = cohort;
            this.at = at;
        }

        @Override
        public Row fresh() {
            return new Row();
        }

        @Override
        public boolean judge(Row row, long time, double value, Judgement judgement) {
            double before = cohort.away[at];
            if (count < minMembers) {
                away = before;
                judgement.score(0);
                return false;
            }
            judgement.band(median, median - limit, median + limit);
            double distance = value - median;
            double slot = Math.abs(distance) <= minDeviation ? 0 : distance / limit;
            away = before + weight * (Math.max(-MOST_AWAY, Math.min(MOST_AWAY, slot)) - before);
            judgement.score(away);
            return true;
        }

        @Override
        public void learn(Row row, long time, double value, Judgement judgement) {
            cohort.away[at] = (float) away;
        }
    }
}
