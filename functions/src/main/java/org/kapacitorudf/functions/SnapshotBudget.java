package org.kapacitorudf.functions;

import org.kapacitorudf.Context;

/**
 * Reports how many groups of a function fit into a snapshot: when the task starts, and once when most of them exist.
 * For functions whose groups are large or keep growing after they have been created. The agent itself warns when a
 * snapshot is nearly too large, which may be too late for these.
 *
 * <p>Threading: the handler's calls only.
 */
final class SnapshotBudget {
    /** The share of the limit above which a warning is logged; the same as the agent's. */
    private static final double NEAR_LIMIT = 0.8;

    private final Context context;
    private final long bytesPerGroup;
    private final String help;
    private boolean told;

    /**
     * Logs the budget.
     *
     * @param bytesPerGroup the size of a group in the snapshot before compression
     * @param help the options that reduce it
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

    /** Warns once when this number of groups takes most of the limit. */
    void check(int groups) {
        long bytes = groups * bytesPerGroup;
        if (!told && bytes >= NEAR_LIMIT * maxBytes()) {
            told = true;
            context.logger()
                    .warn(
                            "groups: {}, which take {} bytes in a snapshot (expected: less than {} % of maxSnapshotBytes, {})."
                                    + " Above the limit no snapshot is taken, and Kapacitor keeps the previous one: {},"
                                    + " let groups expire, group by fewer tags, or raise maxSnapshotBytes",
                            groups, bytes, Math.round(100 * NEAR_LIMIT), maxBytes(), help);
        }
    }
}
