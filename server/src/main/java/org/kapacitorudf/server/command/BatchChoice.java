package org.kapacitorudf.server.command;

import java.time.Duration;
import java.util.Optional;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;

/** Checks whether {@code --window} and {@code --batch} fit the function. */
final class BatchChoice {
    private BatchChoice() {}

    /**
     * Returns the problem; empty if the options fit.
     *
     * @param window null for none
     * @param batchPoints 0 for none
     * @param hint text to append to the message if a function that takes batches has neither option; may be empty
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
