package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.kapacitorudf.agent.Connection.Skip;

/**
 * Counts the reasons for which points and batches of a connection were skipped, with the last time of each, and limits
 * their log lines.
 *
 * <p>Each reason has its own rate limit, so that a frequent reason does not hide a rare one. The number of reasons is
 * limited: a new one replaces the one that has not occurred for longest, if that is longer than the interval of the
 * rate limit. Otherwise it is counted and limited as {@link #OTHER}.
 *
 * <p>Threading: safe for any thread.
 */
public final class Skips {
    /** The reasons that are not counted individually. */
    static final String OTHER = "(other)";

    private static final int MAX_REASONS = 32;

    private final LongSupplier nanoTime;
    private final Map<String, Reason> reasons = new LinkedHashMap<>(); // guarded by this; in order of occurrence
    private Reason other; // guarded by this; null for none

    private static final class Reason {
        private final RateLimit log;
        private long count;
        private long lastNanos;
        private Instant lastAt;

        private Reason(LongSupplier nanoTime) {
            log = new RateLimit(nanoTime);
        }
    }

    public Skips(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a skip.
     *
     * @param now the wall-clock time
     * @return the end of the log line with the number of suppressed lines; empty if it must not be logged now
     */
    public synchronized Optional<String> add(String text, Instant now) {
        Reason reason = reason(text);
        reason.count++;
        reason.lastNanos = nanoTime.getAsLong();
        reason.lastAt = now;
        return reason.log.pass() ? Optional.of(reason.log.heldBack()) : Optional.empty();
    }

    private Reason reason(String text) {
        Reason reason = reasons.remove(text);
        if (reason == null && reasons.size() >= MAX_REASONS && !makeRoom()) {
            return other();
        }
        if (reason == null) {
            reason = new Reason(nanoTime);
        }
        reasons.put(text, reason);
        return reason;
    }

    private boolean makeRoom() {
        Iterator<Reason> oldest = reasons.values().iterator();
        Reason gone = oldest.next();
        if (nanoTime.getAsLong() - gone.lastNanos < RateLimit.INTERVAL_NANOS) {
            return false;
        }
        oldest.remove();
        Reason sum = other();
        sum.count += gone.count;
        sum.lastAt = gone.lastAt;
        return true;
    }

    private Reason other() {
        if (other == null) {
            other = new Reason(nanoTime);
        }
        return other;
    }

    /** The reasons, most recent first. */
    public synchronized List<Skip> list() {
        List<Skip> list = new ArrayList<>();
        reasons.forEach((text, reason) -> list.add(new Skip(text, reason.count, reason.lastAt)));
        if (other != null) {
            list.add(new Skip(OTHER, other.count, other.lastAt));
        }
        list.sort(Comparator.comparing(Skip::lastAt).reversed());
        return list;
    }
}
