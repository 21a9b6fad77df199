package org.kapacitorudf.tools.conformance;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One thing that an agent does wrong.
 *
 * @param name what it does
 * @param fails the cases that show it, its own first
 * @param mayFail those that show it sometimes: it depends on how much is read at once
 * @param server makes the agent that does it, not yet started; null for a process
 * @param command starts the agent that does it; empty for a server
 */
record Defect(String name, Set<String> fails, Set<String> mayFail, Supplier<AgentServer> server, List<String> command) {
    @Override
    public String toString() {
        return name;
    }
}
