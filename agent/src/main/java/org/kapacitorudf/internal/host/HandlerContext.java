package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Output;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;
import org.slf4j.Logger;

/** The parts of a connection that a handler uses. */
record HandlerContext(
        HandlerInstance.InitParameters parameters, AgentConfig config, States states, Timers timers, Output output)
        implements Context {
    @Override
    public <T> T option(Option<T> option) {
        return parameters.options().get(option);
    }

    @Override
    public String taskId() {
        return parameters.taskId();
    }

    @Override
    public String nodeId() {
        return parameters.nodeId();
    }

    @Override
    public int maxSnapshotBytes() {
        return config.maxSnapshotBytes();
    }

    @Override
    public int maxCollectedBatchBytes() {
        return config.maxCollectedBatchBytes();
    }

    @Override
    public Logger logger() {
        return parameters.log();
    }

    @Override
    public Counter counter(String name) {
        return parameters.counters().counter(name);
    }

    @Override
    public <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry) {
        return declared(name, type, fresh, expiry, null);
    }

    @Override
    public <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, OnExpire<T> onExpire) {
        return declared(name, type, fresh, expiry, Objects.requireNonNull(onExpire, "onExpire"));
    }

    private <T> GroupState<T> declared(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, @Nullable OnExpire<T> onExpire) {
        if (expiry.time().equals(Optional.of(Expiry.Time.EVENT))) {
            timers.useEventTime();
        }
        return states.groupState(name, type, fresh, expiry, onExpire);
    }

    @Override
    public <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh) {
        return states.state(name, type, fresh);
    }

    @Override
    public Timer after(Duration delay, TimedCall call) {
        return timers.after(delay, call);
    }

    @Override
    public Timer every(Duration interval, TimedCall call) {
        return timers.every(interval, call);
    }

    @Override
    public Timer at(Instant eventTime, TimedCall call) {
        return timers.at(eventTime, call);
    }

    @Override
    public Instant now() {
        return timers.now();
    }

    @Override
    public Optional<Instant> eventTime() {
        return timers.eventTime();
    }
}
