package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.Optional;
import org.kapacitorudf.server.IdleConnection;

/** The parts of a connection that a record of tasks uses. */
record FakeConnection(long number, String taskId, String nodeId, Instant openedAt, Optional<Failure> lastFailure)
        implements IdleConnection {
    static FakeConnection of(long number, String task, String node, Instant openedAt) {
        return new FakeConnection(number, task, node, openedAt, Optional.empty());
    }

    FakeConnection failing(String text) {
        return new FakeConnection(number, taskId, nodeId, openedAt, Optional.of(new Failure(openedAt, text)));
    }

    @Override
    public String function() {
        return nodeId.replaceAll("\\d+$", "");
    }

    @Override
    public Counts counts() {
        return Counts.NONE;
    }
}
