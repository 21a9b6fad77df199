package org.kapacitorudf.functions.distinct;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/**
 * Computes the hash of a value: 64 bits, the same on every machine. Values of different types have different hashes.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ValueHash {
    /** The name of the algorithm. Hashes of another algorithm cannot be compared with these. */
    public static final String NAME = "komihash5_0";

    private static final Hasher64 STRINGS = Hashing.komihash5_0(0);
    private static final Hasher64 INTS = Hashing.komihash5_0(1);
    private static final Hasher64 DOUBLES = Hashing.komihash5_0(2);
    private static final Hasher64 BOOLS = Hashing.komihash5_0(3);

    private ValueHash() {}

    public static long of(String value) {
        return STRINGS.hashCharsToLong(value);
    }

    public static long of(long value) {
        return INTS.hashLongToLong(value);
    }

    public static long of(double value) {
        return DOUBLES.hashLongToLong(Double.doubleToLongBits(value));
    }

    public static long of(boolean value) {
        return BOOLS.hashLongToLong(value ? 1 : 0);
    }
}
