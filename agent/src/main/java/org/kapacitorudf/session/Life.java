package org.kapacitorudf.session;

import org.kapacitorudf.AgentConfig;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.OptionValues;
import org.kapacitorudf.UdfException;
import org.kapacitorudf.state.States;

/**
 * One life of a handler, from {@code create} to {@code stop}: the handler with all that is its own. A fresh start on the same connection replaces it as a whole.
 *
 * <p>Threading: the handler's calls only.
 *
 * @param handler made by the function
 * @param context what it was given
 * @param output what its calls are given
 */
record Life(Handler handler, SessionContext context, OutputPort.Outlet output) {
    /** Makes a handler, whose output is shut as yet. Errors: whatever {@code create} throws. */
    static Life begin(UdfFunction function, Setting setting, AgentConfig config, OutputPort port, Timers.Peer peer)
            throws Exception {
        Description description = function.description();
        States states = new States(description.name(), description.version(), config.maxSnapshotBytes());
        OutputPort.Outlet output = port.outlet();
        Timers timers = new Timers(peer, config, setting.log());
        SessionContext context = new SessionContext(setting, config, states, timers, output);
        Handler handler = function.udf().create(context);
        if (handler == null) {
            throw new UdfException("create: null (expected: a handler)");
        }
        states.seal();
        return new Life(handler, context, output);
    }

    /** Another life takes its place: nothing that is left of this one, a thread for example, gets anything out any more. */
    void end() {
        output.close();
    }

    Timers timers() {
        return context.timers();
    }

    States states() {
        return context.states();
    }

    /**
     * What Init has told, the same for every life on a connection.
     *
     * @param options the function's options, checked
     */
    record Setting(OptionValues options, String taskId, String nodeId, ConnectionLog log) {}
}
