package org.kapacitorudf.functions.baseline;

import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * A day or a week in a time zone, divided into buckets of equal length. A week begins on Monday.
 *
 * <p>Threading: one thread at a time, because the zone's offset from UTC is cached.
 */
public final class Season {
    /** The maximum number of buckets of a season. */
    public static final int MOST_BUCKETS = 2016;

    public static final long DAY_SECONDS = 86_400;
    public static final long WEEK_SECONDS = 7 * DAY_SECONDS;

    /** The time from the start of a week to the epoch, which was a Thursday. */
    private static final long EPOCH_IN_WEEK = 3 * DAY_SECONDS;

    private final long lengthSeconds;
    private final long bucketSeconds;
    private final ZoneRules rules;

    private long offsetFrom = Long.MAX_VALUE;
    private long offsetUntil = Long.MIN_VALUE;
    private int offset;

    /**
     * @param lengthSeconds the length of the season: a day or a week
     * @param bucketSeconds the length of a bucket; divides the season into at most {@link #MOST_BUCKETS} buckets
     */
    public Season(long lengthSeconds, long bucketSeconds, ZoneId zone) {
        if (bucketSeconds <= 0 || lengthSeconds % bucketSeconds != 0 || lengthSeconds / bucketSeconds > MOST_BUCKETS) {
            throw new IllegalArgumentException("bucket: " + bucketSeconds + "s (expected: a divisor of the season, "
                    + lengthSeconds + "s, with at most " + MOST_BUCKETS + " buckets)");
        }
        this.lengthSeconds = lengthSeconds;
        this.bucketSeconds = bucketSeconds;
        this.rules = zone.getRules();
    }

    int buckets() {
        return (int) (lengthSeconds / bucketSeconds);
    }

    long bucketSeconds() {
        return bucketSeconds;
    }

    /** The bucket of a time, counted from 0. */
    int bucket(long timeNanos) {
        return (int) (seconds(timeNanos) / bucketSeconds);
    }

    /** The part of its bucket that a time is in, counted from 0, if each bucket has this many parts. */
    int part(long timeNanos, int parts) {
        return (int) (seconds(timeNanos) % bucketSeconds * parts / bucketSeconds);
    }

    /** The local time since the start of the season. */
    private long seconds(long timeNanos) {
        long seconds = Math.floorDiv(timeNanos, 1_000_000_000L);
        long local = seconds + offset(seconds) + EPOCH_IN_WEEK;
        return Math.floorMod(local, lengthSeconds);
    }

    private int offset(long seconds) {
        if (rules.isFixedOffset()) {
            return rules.getOffset(Instant.EPOCH).getTotalSeconds();
        }
        if (seconds < offsetFrom || seconds >= offsetUntil) {
            Instant time = Instant.ofEpochSecond(seconds);
            ZoneOffsetTransition next = rules.nextTransition(time);
            offset = rules.getOffset(time).getTotalSeconds();
            offsetFrom = seconds;
            offsetUntil = next == null ? Long.MAX_VALUE : next.toEpochSecond();
        }
        return offset;
    }
}
