package org.kapacitorudf.internal.host;

/**
 * What a handler has done so far.
 *
 * @param skipped points and batches that were left out because of an error
 * @param restarts how often the handler has been replaced by a new one after a failure
 * @param groups groups in the state, as the last piece of work left them; -1 without state per group
 * @param snapshots those that were made
 * @param snapshotFailures how often the last good snapshot was given again because a new one could not be made
 */
public record HandlerCounts(
        long pointsIn,
        long batchesIn,
        long skipped,
        int restarts,
        long groups,
        Snapshots.Made snapshots,
        long snapshotFailures) {}
