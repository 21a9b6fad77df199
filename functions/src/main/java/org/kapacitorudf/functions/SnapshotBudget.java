package org.kapacitorudf.functions;

import org.kapacitorudf.Context;

/**
 * Tells how many groups of a function fit into a snapshot: at the start of the task, and once when most of them are
 * there. A function uses it whose groups are large, or grow long after they have begun: the agent itself warns when a
 * snapshot is nearly too large, which may be too late for these.
 *
 * <p>Threading: the handler's calls only.
 */
final class SnapshotBudget {
    /** The share of the limit from which on there is a warning: the agent's own. */
    private static final double NEAR_LIMIT = 0.8;

    private final Context context;
    private final long bytesPerGroup;
    private final String help;
    private boolean told;

    /**
     * A budget, with a line in the log about it.
     *
     * @param bytesPerGroup what a group takes in the snapshot before it is deflated
     * @param help the options that make it less
     */
    SnapshotBudget(Context context, long bytesPerGroup, String help) {
        this.context = context;
        this.bytesPerGroup = bytesPerGroup;
        this.help = help;
        context.logger()
                .info(
                        "groups: {} bytes each in a snapshot, so {} of them fit into maxSnapshotBytes, {}",
                        bytesPerGroup,
                        maxBytes() / bytesPerGroup,
                        maxBytes());
    }

    private long maxBytes() {
        return context.maxSnapshotBytes();
    }

    /** There are so many groups: warns once when they take most of the limit. */
    void check(int groups) {
        long bytes = groups * bytesPerGroup;
        if (!told && bytes >= NEAR_LIMIT * maxBytes()) {
            told = true;
            context.logger()
                    .warn(
                            "groups: {}, which take {} bytes in a snapshot (expected: less than {} % of maxSnapshotBytes, {})."
                                    + " Beyond the limit no snapshot is made, and Kapacitor keeps the one before: {},"
                                    + " let groups expire, group by fewer tags, or raise maxSnapshotBytes",
                            groups, bytes, Math.round(100 * NEAR_LIMIT), maxBytes(), help);
        }
    }
}
