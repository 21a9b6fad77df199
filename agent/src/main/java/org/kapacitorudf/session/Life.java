package org.kapacitorudf.session;

import java.util.concurrent.TimeUnit;
import org.kapacitorudf.AgentConfig;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.OptionValues;
import org.kapacitorudf.Output;
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
record Life(Handler handler, SessionContext context, Output output) {
    /** Makes a handler. Errors: whatever {@code create} throws. */
    static Life begin(UdfFunction function, Setting setting, AgentConfig config, Output output) throws Exception {
        Description description = function.description();
        States states = new States(description, config.maxSnapshotBytes(), Life::wallClockNanos);
        SessionContext context = new SessionContext(setting, states, output);
        Handler handler = function.udf().create(context);
        if (handler == null) {
            throw new UdfException("create: null (expected: a handler)");
        }
        states.seal();
        return new Life(handler, context, output);
    }

    private static long wallClockNanos() {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
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
