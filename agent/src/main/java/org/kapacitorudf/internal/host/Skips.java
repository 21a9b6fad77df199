package org.kapacitorudf.internal.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Connection.Skip;

/**
 * Counts the points and batches of a connection that were skipped, by reason. Records when each reason last occurred,
 * and limits the log lines.
 *
 * <p>Messages that differ only in values are one reason; the latest of them is shown:
 *
 * <pre>
 *   point: time: 123 (expected: >= 456)              ->  point: time: # (expected: >= #)
 *   point: field "cpu0": "off" (expected: a number)  ->  point: field "cpu0": # (expected: a number)
 * </pre>
 *
 * <p>Each reason has its own rate limit, so that a frequent reason does not hide a rare one. The number of reasons is
 * limited: a new reason replaces the one that has not occurred for the longest time, if that time is longer than the
 * interval of the rate limit; the count of the replaced reason is added to {@link #OTHER}. Otherwise the new reason
 * itself is counted and limited as {@link #OTHER}.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Skips {
    /** Stands for all reasons that are not counted individually. */
    static final String OTHER = "(other)";

    private static final int MAX_REASONS = 32;

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final Map<String, Reason> reasons = new LinkedHashMap<>(); // by text without values, most recent last

    @GuardedBy("this")
    private @Nullable Reason other; // null before the first

    private static final class Reason {
        private final RateLimit log;
        private String text;
        private long count;
        private long lastNanos;
        private Instant lastAt = Instant.MIN;

        private Reason(String text, LongSupplier nanoTime) {
            this.text = text;
            log = new RateLimit(nanoTime);
        }

        private Skip skip() {
            return new Skip(text, count, lastAt);
        }
    }

    public Skips(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a skip.
     *
     * @param now the wall-clock time
     * @return text with the number of suppressed log lines, to be appended to the log line; empty if the line must not
     *     be logged now
     */
    public synchronized Optional<String> add(String text, Instant now) {
        Reason reason = reason(withoutValues(text));
        if (reason != other) {
            reason.text = text;
        }
        reason.count++;
        reason.lastNanos = nanoTime.getAsLong();
        reason.lastAt = now;
        return reason.log.pass() ? Optional.of(reason.log.heldBack()) : Optional.empty();
    }

    @GuardedBy("this")
    private Reason reason(String key) {
        Reason reason = reasons.remove(key);
        if (reason == null && reasons.size() >= MAX_REASONS && !makeRoom()) {
            return other();
        }
        if (reason == null) {
            reason = new Reason(key, nanoTime);
        }
        reasons.put(key, reason);
        return reason;
    }

    @GuardedBy("this")
    private boolean makeRoom() {
        Iterator<Reason> oldest = reasons.values().iterator();
        Reason gone = oldest.next();
        if (nanoTime.getAsLong() - gone.lastNanos < RateLimit.INTERVAL_NANOS) {
            return false;
        }
        oldest.remove();
        Reason sum = other();
        sum.count += gone.count;
        sum.lastAt = gone.lastAt.isAfter(sum.lastAt) ? gone.lastAt : sum.lastAt;
        return true;
    }

    @GuardedBy("this")
    private Reason other() {
        Reason sum = other;
        if (sum == null) {
            sum = new Reason(OTHER, nanoTime);
            other = sum;
        }
        return sum;
    }

    /** The reasons, most recent first. */
    public synchronized List<Skip> list() {
        List<Skip> list = new ArrayList<>();
        reasons.values().forEach(reason -> list.add(reason.skip()));
        if (other != null) {
            list.add(other.skip());
        }
        list.sort(Comparator.comparing(Skip::lastAt).reversed());
        return list;
    }

    /**
     * Replaces each value in a message by {@code #}. A value is a word with a digit, or a quoted string. The first
     * quoted string is kept, because it is the name of a field or tag.
     */
    private static String withoutValues(String text) {
        StringBuilder masked = new StringBuilder(text.length());
        boolean isNameSeen = false;
        int from = 0;
        while (from < text.length()) {
            boolean isQuoted = text.charAt(from) == '"';
            int to = isQuoted ? endOfQuoted(text, from) : endOfWord(text, from);
            boolean isValue = isQuoted ? isNameSeen : hasDigit(text, from, to);
            if (isValue) {
                masked.append('#');
            } else {
                masked.append(text, from, to);
            }
            isNameSeen |= isQuoted;
            from = to;
        }
        return masked.toString();
    }

    private static int endOfQuoted(String text, int from) {
        int at = from + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + 1, text.length());
    }

    private static int endOfWord(String text, int from) {
        int at = from;
        while (at < text.length() && isPartOfWord(text.charAt(at))) {
            at++;
        }
        return Math.max(at, from + 1);
    }

    private static boolean isPartOfWord(char c) {
        return Character.isLetterOrDigit(c) || "_.:+-".indexOf(c) >= 0;
    }

    private static boolean hasDigit(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (Character.isDigit(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
