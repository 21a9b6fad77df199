package org.kapacitorudf.server;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.kapacitorudf.agent.Connection;

/** A connection that has started and does nothing, for tests that look at other parts of it. */
public interface IdleConnection extends Connection {
    @Override
    default boolean isStarted() {
        return true;
    }

    @Override
    default String options() {
        return "";
    }

    @Override
    default Optional<Restored> restored() {
        return Optional.empty();
    }

    @Override
    default List<Skip> skips() {
        return List.of();
    }

    @Override
    default long queuedBytes() {
        return 0;
    }

    @Override
    default long unsentBytes() {
        return 0;
    }

    @Override
    default OptionalLong groups() {
        return OptionalLong.empty();
    }

    @Override
    default Optional<Snapshot> lastSnapshot() {
        return Optional.empty();
    }

    @Override
    default Optional<Call> currentCall() {
        return Optional.empty();
    }
}
