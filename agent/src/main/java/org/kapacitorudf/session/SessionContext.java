package org.kapacitorudf.session;

import java.util.function.Supplier;
import org.kapacitorudf.AgentConfig;
import org.kapacitorudf.Context;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.Option;
import org.kapacitorudf.Output;
import org.kapacitorudf.State;
import org.kapacitorudf.state.States;
import org.slf4j.Logger;

/** What a handler is given of its connection. */
record SessionContext(Life.Setting setting, AgentConfig config, States states, Output output) implements Context {
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
    public <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh) {
        return states.groupState(name, type, fresh);
    }

    @Override
    public <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh) {
        return states.state(name, type, fresh);
    }
}
