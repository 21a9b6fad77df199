package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.kapacitorudf.agent.Connection;

/** The parts of a connection that a record of tasks uses. */
record FakeConnection(long number, String taskId, String nodeId, Instant openedAt, Optional<Failure> lastFailure)
        implements Connection {
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
    public boolean isStarted() {
        return true;
    }

    @Override
    public Counts counts() {
        return Counts.NONE;
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public Optional<Restored> restored() {
        return Optional.empty();
    }

    @Override
    public List<Skip> skips() {
        return List.of();
    }

    @Override
    public long queuedBytes() {
        return 0;
    }

    @Override
    public long unsentBytes() {
        return 0;
    }

    @Override
    public OptionalLong groups() {
        return OptionalLong.empty();
    }

    @Override
    public Optional<Snapshot> lastSnapshot() {
        return Optional.empty();
    }

    @Override
    public Optional<Call> currentCall() {
        return Optional.empty();
    }
}
