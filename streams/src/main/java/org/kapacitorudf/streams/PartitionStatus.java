package org.kapacitorudf.streams;

/**
 * What a function has done for one partition in this process. The counts go on when the partition leaves and comes back.
 *
 * @param isHere whether the partition is in this process now
 * @param skipped points that were left out because of an error
 * @param restarts how often the handler has been replaced by a new one after a failure
 * @param deadLetters points that were left out: skipped, failed and late ones
 * @param late points that came when their window was closed
 * @param groups groups in the state; 0 while the partition is elsewhere, or without state per group
 * @param starts how often the partition came here
 * @param restoredValues values of states that handlers began with
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
        long starts,
        long restoredValues) {}
