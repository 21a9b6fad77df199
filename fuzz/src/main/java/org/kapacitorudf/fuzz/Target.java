package org.kapacitorudf.fuzz;

import java.util.List;

/**
 * A fuzz target: a part of the product that takes bytes, and its invariants.
 *
 * <p>Threading: one thread.
 */
public interface Target {
    /**
     * Runs the target with an input.
     *
     * <p>Errors: any exception is a finding.
     *
     * @param input not used by the caller afterwards
     */
    void run(byte[] input) throws Exception;

    /** Initial inputs: valid ones, one of each kind. */
    List<byte[]> seeds() throws Exception;

    /** The maximum size of an input: short ones are fast, and find most of what long ones do. */
    default int maxBytes() {
        return 512;
    }
}
