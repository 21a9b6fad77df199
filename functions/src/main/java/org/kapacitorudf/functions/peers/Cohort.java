package org.kapacitorudf.functions.peers;

import java.util.TreeMap;

/**
 * The members of one group, and the slot of time that is open: see {@link Comparison}.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class Cohort {
    static final long NO_SLOT = Long.MIN_VALUE;

    /** By name: they are judged in this order. */
    final TreeMap<String, Member> members = new TreeMap<>();

    /** The newest slot that has a value. */
    long slot = NO_SLOT;

    /** The exponentially weighted spread of the members. */
    double spread;

    /** Late values in a row. */
    byte late;

    /** The member that was far ahead of the open slot, and how often in a row; empty for none. */
    String ahead = "";

    byte aheadCount;

    /** How many members there are. */
    public int size() {
        return members.size();
    }
}
