package org.kapacitorudf.fuzz;

import java.util.List;

/**
 * A part of the product that is given bytes, and what must hold whatever they are.
 *
 * <p>Threading: one thread.
 */
public interface Target {
    /**
     * Gives it an input.
     *
     * <p>Errors: whatever is thrown is a finding.
     *
     * @param input nobody's after the call
     */
    void run(byte[] input) throws Exception;

    /** Inputs to begin with: good ones, and of each kind one. */
    List<byte[]> seeds() throws Exception;

    /** How long an input gets: short ones are quick, and show most of what long ones do. */
    default int maxBytes() {
        return 512;
    }
}
