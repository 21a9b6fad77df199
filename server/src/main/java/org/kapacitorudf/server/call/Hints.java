package org.kapacitorudf.server.call;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.kapacitorudf.Point;

/**
 * Finds likely mistakes in a call by examining the points.
 *
 * <p>Threading: one thread at a time.
 */
final class Hints {
    private static final int NAMES_SHOWN = 10;
    private static final int POINTS_LOOKED_AT = 10_000;
    private static final long SECONDS_FROM = 1_000_000_000L; // the year 2001 in seconds since the epoch
    private static final long YEAR_1980_NANOS = 315_532_800_000_000_000L;

    private final Optional<String> field;
    private final Set<String> names = new TreeSet<>();
    private boolean fieldSeen;
    private long points;
    private long highestTime = Long.MIN_VALUE;
    private long lowestTime = Long.MAX_VALUE;

    /** @param field the field that the function reads, if known */
    Hints(Optional<String> field) {
        this.field = field;
    }

    /** Examines an input point. */
    void in(Point point) {
        points++;
        long time = point.timeNanos();
        highestTime = Math.max(highestTime, time);
        lowestTime = Math.min(lowestTime, time);
        if (!fieldSeen && points <= POINTS_LOOKED_AT) {
            if (field.isPresent() && point.field(field.get()).isPresent()) {
                fieldSeen = true;
            } else if (names.size() <= NAMES_SHOWN) {
                names.addAll(point.fields().keySet());
            }
        }
    }

    /**
     * Returns the hints. To be called when all points have been examined.
     *
     * @param nothingCame whether the function has emitted nothing
     * @param waiting the number of points in incomplete batches
     */
    List<String> told(boolean nothingCame, int waiting) {
        List<String> hints = new ArrayList<>();
        if (points == 0) {
            return hints;
        }
        if (lowestTime >= SECONDS_FROM && highestTime < YEAR_1980_NANOS) {
            hints.add("times: " + lowestTime + " is " + Instant.ofEpochSecond(0, lowestTime)
                    + " (expected: nanoseconds; of other times: --precision " + unit(lowestTime) + ")");
        }
        if (field.isPresent() && !fieldSeen) {
            hints.add(String.format(
                    Locale.ROOT,
                    "field %s: missing in %s of %,d points; there are: %s",
                    field.get(),
                    points <= POINTS_LOOKED_AT ? String.format(Locale.ROOT, "%,d", points) : "the first 10,000",
                    points,
                    shownNames()));
        } else if (nothingCame && waiting > 0) {
            hints.add(String.format(
                    Locale.ROOT,
                    "no output: %,d points wait for the end of their windows (expected: later points, or a shorter --window)",
                    waiting));
        }
        return hints;
    }

    private static String unit(long time) {
        return time < 100_000_000_000L ? "s" : time < 100_000_000_000_000L ? "ms" : "us";
    }

    private String shownNames() {
        List<String> shown = names.stream().limit(NAMES_SHOWN).toList();
        return String.join(", ", shown) + (names.size() > shown.size() ? ", ..." : "");
    }
}
