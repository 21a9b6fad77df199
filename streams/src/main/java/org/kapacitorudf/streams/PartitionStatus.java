package org.kapacitorudf.streams;

/**
 * The counts of a function for one partition in this process. If the partition moves to another process and returns,
 * counting continues where it stopped.
 *
 * @param isHere whether the partition is currently in this process
 * @param skipped the number of points that were skipped because of an error
 * @param restarts how often the handler was replaced after a failure
 * @param deadLetters the number of points that were dropped: skipped, failed and late points
 * @param late the number of points that arrived after their window was closed
 * @param groups the number of groups in the state; 0 while the partition is elsewhere, or if the function has no state
 *     per group
 * @param stateBytes the size of the stored state, estimated from the mean size of a value; 0 while the partition is
 *     elsewhere
 * @param starts how often the partition was assigned to this process
 * @param restoredValues the number of values in the store when a handler started, summed over all {@code starts}
 */
public record PartitionStatus(
        int partition,
        boolean isHere,
        long pointsIn,
        long pointsOut,
        long skipped,
        long restarts,
        long deadLetters,
        long late,
        long groups,
        long stateBytes,
        long starts,
        long restoredValues) {}
