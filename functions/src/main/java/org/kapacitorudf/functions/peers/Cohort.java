package org.kapacitorudf.functions.peers;

import java.util.TreeMap;

/**
 * The members of one group, and the open slot: see {@link Comparison}.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Cohort {
    static final long NO_SLOT = Long.MIN_VALUE;

    /** The members, sorted by name, which is the order in which they are judged. */
    final TreeMap<String, Member> members = new TreeMap<>();

    /** The newest slot that has a value. */
    long slot = NO_SLOT;

    /** The exponentially weighted spread of the members. */
    double spread;

    /** The number of consecutive late values. */
    byte late;

    /**
     * The member whose last values were far ahead of the open slot, and the number of such values in a row; empty for
     * none.
     */
    String ahead = "";

    byte aheadCount;

    /** Returns the number of members. */
    public int size() {
        return members.size();
    }
}
