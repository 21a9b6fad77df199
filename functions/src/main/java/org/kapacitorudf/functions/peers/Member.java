package org.kapacitorudf.functions.peers;

import org.kapacitorudf.functions.detect.Watched;

/**
 * One member of a {@link Cohort}.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Member extends Watched {
    /** The size of a member with a name of ten characters in a snapshot before compression, in bytes. */
    public static final long SNAPSHOT_BYTES = 136;

    /** The member's last value in the open slot, and its last value in the slot before; NaN if there is none. */
    double current = Double.NaN;

    double previous = Double.NaN;

    /** The recent distance of the member from the median, in limits: from -2 to 2. */
    float away;
}
