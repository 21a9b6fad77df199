package org.kapacitorudf.server.command;

import java.time.Duration;
import java.util.Optional;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;

/** Checks whether {@code --window} and {@code --batch} fit the function. */
final class BatchChoice {
    private BatchChoice() {}

    /**
     * Returns the problem, if there is one.
     *
     * @param window null for none
     * @param batchPoints 0 for none
     * @param hint further expectations for a function that takes batches, or empty
     */
    static Optional<String> problem(Description function, Duration window, int batchPoints, String hint) {
        boolean wantsBatches = function.wants() == EdgeType.BATCH;
        if (window != null && batchPoints > 0) {
            return Optional.of("--batch: with --window (expected: one of them)");
        }
        if (wantsBatches && window == null && batchPoints == 0) {
            return Optional.of(function.name() + " takes batches (expected: --window 10s, or --batch 100" + hint + ")");
        }
        if (!wantsBatches && (window != null || batchPoints > 0)) {
            return Optional.of(function.name() + " takes a stream (expected: neither --window nor --batch)");
        }
        return Optional.empty();
    }
}
