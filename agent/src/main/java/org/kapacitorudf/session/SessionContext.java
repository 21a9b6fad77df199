package org.kapacitorudf.session;

import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.Option;
import org.kapacitorudf.OptionValues;
import org.kapacitorudf.Output;
import org.kapacitorudf.State;
import org.kapacitorudf.state.States;
import org.slf4j.Logger;

/** What a handler is given of its connection. */
record SessionContext(OptionValues options, String taskId, String nodeId, States states, Output output, Logger logger)
        implements Context {
    @Override
    public <T> T option(Option<T> option) {
        return options.get(option);
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
