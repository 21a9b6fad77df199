package org.kapacitorudf.functions.latest;

import org.kapacitorudf.functions.series.Series;

/**
 * The last two values of a series, for as-of joins: which value was valid at a given time?
 *
 * <p>Two values are kept because measurements that are written together arrive in any order: the value may arrive
 * before or after the point that it is joined with.
 *
 * <p>The newest value is the one with the highest time. A late value replaces the older value if it is newer than the
 * older value. After {@link Series#MOST_LATE} consecutive late values, the next one becomes the newest regardless of
 * its time: the clock of the source was set back, or one value had a time far in the future.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Recent {
    /** The size, in bytes, of a series in an uncompressed snapshot. */
    public static final long SNAPSHOT_BYTES = 120;

    private long time;
    private long bits;
    private byte kind;
    private long timeBefore;
    private long bitsBefore;
    private byte kindBefore;
    private byte late;

    /**
     * The type of a value. The value itself is stored in a long: a double as by {@link Double#doubleToRawLongBits}, a
     * bool as 0 or 1.
     */
    public enum Kind {
        DOUBLE,
        INT,
        BOOL
    }

    /** A value and its time, found by {@link Recent#find}. The next search overwrites it. */
    public static final class Found {
        private Kind kind = Kind.DOUBLE;
        private long bits;

        public Kind kind() {
            return kind;
        }

        public double asDouble() {
            return Double.longBitsToDouble(bits);
        }

        public long asInt() {
            return bits;
        }

        public boolean asBool() {
            return bits != 0;
        }
    }

    public void addDouble(long time, double value) {
        add(time, Kind.DOUBLE, Double.doubleToRawLongBits(value));
    }

    public void addInt(long time, long value) {
        add(time, Kind.INT, value);
    }

    public void addBool(long time, boolean value) {
        add(time, Kind.BOOL, value ? 1 : 0);
    }

    private void add(long time, Kind kind, long bits) {
        byte code = (byte) (kind.ordinal() + 1);
        if (this.kind == 0 || time == this.time) {
            late = 0;
        } else if (time > this.time) {
            late = 0;
            timeBefore = this.time;
            bitsBefore = this.bits;
            kindBefore = this.kind;
        } else if (late < Series.MOST_LATE) {
            late++;
            if (kindBefore == 0 || time >= timeBefore) {
                timeBefore = time;
                bitsBefore = bits;
                kindBefore = code;
            }
            return;
        } else {
            late = 0;
            kindBefore = 0;
        }
        this.time = time;
        this.bits = bits;
        this.kind = code;
    }

    /**
     * Finds the value for a time. Of the two stored values, it is the newest one that is not after the time, or the
     * older one if both are after the time.
     *
     * @param time in nanoseconds since the epoch
     * @param maxAgeNanos values that are further away from the time are not found
     * @param found receives the value
     * @return whether there is one
     */
    public boolean find(long time, long maxAgeNanos, Found found) {
        boolean takesBefore = kindBefore != 0 && time < this.time;
        int code = takesBefore ? kindBefore : kind;
        if (code == 0 || distance(time, takesBefore ? timeBefore : this.time) > maxAgeNanos) {
            return false;
        }
        found.kind = Kind.values()[code - 1];
        found.bits = takesBefore ? bitsBefore : bits;
        return true;
    }

    private static long distance(long one, long other) {
        long difference = one > other ? one - other : other - one;
        return difference < 0 ? Long.MAX_VALUE : difference;
    }
}
