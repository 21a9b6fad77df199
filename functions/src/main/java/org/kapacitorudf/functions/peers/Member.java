package org.kapacitorudf.functions.peers;

/**
 * A member of a {@link Cohort} that has joined since the last slot was judged.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
final class Member {
    /** The last values in the open slot and in the previous one; NaN if there is none. */
    double current = Double.NaN;

    double previous = Double.NaN;
}
