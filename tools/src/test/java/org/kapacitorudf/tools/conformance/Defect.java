package org.kapacitorudf.tools.conformance;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A single defect of an agent.
 *
 * @param name the defect
 * @param fails the cases that detect it, its own first
 * @param mayFail the cases that detect it sometimes, depending on how much is read at once
 * @param server creates the agent with the defect, not yet started; null for a process
 * @param command starts the agent with the defect; empty for a server
 */
record Defect(String name, Set<String> fails, Set<String> mayFail, Supplier<AgentServer> server, List<String> command) {
    @Override
    public String toString() {
        return name;
    }
}
