package org.kapacitorudf.internal.host;

/**
 * The counts of a handler so far.
 *
 * @param skipped points and batches that were skipped because of an error
 * @param restarts how often the handler was replaced after a failure
 * @param groups groups in the state after the last piece of work; -1 if the handler has no state per group
 * @param snapshots the snapshots that were taken
 * @param snapshotFailures how often the last good snapshot was sent again because a new one failed
 */
public record HandlerCounts(
        long pointsIn,
        long batchesIn,
        long skipped,
        int restarts,
        long groups,
        Snapshots.Made snapshots,
        long snapshotFailures) {}
