package org.kapacitorudf.functions;

import org.kapacitorudf.Context;

/**
 * Tells how many groups of a function fit into a snapshot: at the start of the task if these are few, and once when most
 * of them are there, with the options that help. The agent itself warns when a snapshot is nearly too large. That may be
 * too late for groups that grow long after they have begun, and the agent knows no options.
 *
 * <p>Threading: the handler's calls only.
 */
final class SnapshotBudget {
    /** With fewer groups than this the log has a line about it at the start. */
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

    /** As the other one, of groups. */
    SnapshotBudget(Context context, long bytesEach, String help) {
        this(context, "groups", bytesEach, help);
    }

    /**
     * A budget, with a line in the log if few fit.
     *
     * @param what groups, or the members of groups
     * @param bytesEach what one of them takes in the snapshot before it is deflated, when it is as large as it gets
     * @param help the options that make it less, as in {@code set fewer .panes()}; empty for none
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
                                    + " Beyond maxSnapshotBytes no snapshot is made: {}",
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

    /** Whether so many may take most of the limit, and there was no warning yet. */
    boolean isNear(long count) {
        return count >= warnFrom && !told;
    }

    /** There are so many: warns once when they may take most of the limit. */
    void check(long count) {
        if (isNear(count)) {
            told = true;
            context.logger()
                    .warn(
                            "{}: {}, which take up to {} bytes in a snapshot (expected: less than {} % of maxSnapshotBytes, {})."
                                    + " Beyond the limit no snapshot is made, and Kapacitor keeps the one before: {}",
                            what, count, count * bytesEach, Math.round(100 * NEAR_LIMIT), maxBytes(), help);
        }
    }
}
