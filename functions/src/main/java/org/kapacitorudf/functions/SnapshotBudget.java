package org.kapacitorudf.functions;

import org.kapacitorudf.Context;

/**
 * Logs how many groups of a function fit into a snapshot, with the options that reduce the size of a group: at the
 * start of the task if few groups fit, and once when so many exist that their state may take most of the limit. The
 * agent also warns when a snapshot is nearly too large. That warning may be too late for groups that grow slowly, and
 * it cannot name options.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class SnapshotBudget {
    /** If fewer groups fit, a line is logged at the start of the task. */
    private static final int FEW = 10_000;

    /** The share of the limit above which a warning is logged; the same as the agent's. */
    private static final double NEAR_LIMIT = 0.8;

    private static final String OTHER_HELP = "let groups expire sooner, group by fewer tags, or raise maxSnapshotBytes";

    private final Context context;
    private final String what;
    private final long bytesEach;
    private final String help;
    private final double warnFrom;
    private boolean told;

    /** Creates a budget of groups; see {@link #SnapshotBudget(Context, String, long, String)}. */
    SnapshotBudget(Context context, long bytesEach, String help) {
        this(context, "groups", bytesEach, help);
    }

    /**
     * Creates a budget, and logs a line if few groups or members fit.
     *
     * @param what what is counted: groups, or the members of groups
     * @param bytesEach the maximum size of a group or member in the uncompressed snapshot
     * @param help advice on reducing the size, such as {@code set fewer .panes()}; empty if there is no advice
     */
    SnapshotBudget(Context context, String what, long bytesEach, String help) {
        this.context = context;
        this.what = what;
        this.bytesEach = bytesEach;
        this.help = help.isEmpty() ? OTHER_HELP : help + ", " + OTHER_HELP;
        warnFrom = NEAR_LIMIT * maxBytes() / bytesEach;
        long most = maxBytes() / bytesEach;
        if (warnFrom < 1) {
            told = true;
            context.logger()
                    .warn(
                            "{}: up to {} bytes each in a snapshot (expected: <= {}, {} % of maxSnapshotBytes)."
                                    + " Beyond maxSnapshotBytes no snapshot is created: {}",
                            what,
                            bytesEach,
                            Math.round(NEAR_LIMIT * maxBytes()),
                            Math.round(100 * NEAR_LIMIT),
                            this.help);
        } else if (most < FEW) {
            context.logger()
                    .info(
                            "{}: up to {} bytes each in a snapshot, so {} of them fit into maxSnapshotBytes, {}",
                            what,
                            bytesEach,
                            most,
                            maxBytes());
        }
    }

    private long maxBytes() {
        return context.maxSnapshotBytes();
    }

    /** Returns whether this many groups or members may take most of the limit and no warning has been logged yet. */
    boolean isNear(long count) {
        return count >= warnFrom && !told;
    }

    /**
     * Checks the current number of groups or members: logs a warning, but only once, when their state may take most of
     * the limit.
     */
    void check(long count) {
        if (isNear(count)) {
            told = true;
            context.logger()
                    .warn(
                            "{}: {}, which take up to {} bytes in a snapshot (expected: less than {} % of maxSnapshotBytes, {})."
                                    + " Beyond the limit no snapshot is created, and Kapacitor keeps the previous one: {}",
                            what, count, count * bytesEach, Math.round(100 * NEAR_LIMIT), maxBytes(), help);
        }
    }
}
