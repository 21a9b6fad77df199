package org.kapacitorudf.session;

import java.util.Objects;
import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.Expiry;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Option;
import org.kapacitorudf.Output;
import org.kapacitorudf.State;
import org.kapacitorudf.state.States;
import org.slf4j.Logger;

/** What a handler is given of its connection. */
record SessionContext(Life.Setting setting, States states, Output output) implements Context {
    @Override
    public <T> T option(Option<T> option) {
        return setting.options().get(option);
    }

    @Override
    public String taskId() {
        return setting.taskId();
    }

    @Override
    public String nodeId() {
        return setting.nodeId();
    }

    @Override
    public Logger logger() {
        return setting.log();
    }

    @Override
    public <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry) {
        return states.groupState(name, type, fresh, expiry, null);
    }

    @Override
    public <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, OnExpire<T> onExpire) {
        Objects.requireNonNull(onExpire, "onExpire");
        return states.groupState(name, type, fresh, expiry, onExpire);
    }

    @Override
    public <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh) {
        return states.state(name, type, fresh);
    }
}
