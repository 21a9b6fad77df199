package org.kapacitorudf.internal.host;

import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.snapshot.Expired;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.OptionValues;

/**
 * One instance of a handler and everything that it owns, from {@code create} to {@code stop}. A restart on the same
 * connection replaces the whole instance.
 *
 * <p>Threading: for use only within the handler's calls.
 *
 * @param handler the handler that the function has created
 * @param context the handler's context
 * @param output the output of the handler's calls
 */
record HandlerInstance(Handler handler, HandlerContext context, HandlerOutput output) {
    /** Creates a handler whose output is not open yet. Errors: those of {@code create}. */
    static HandlerInstance begin(
            UdfFunction function,
            InitParameters parameters,
            AgentConfig config,
            HandlerOutput.Port port,
            Timers.TimerCallbacks callbacks)
            throws Exception {
        Description description = function.description();
        States states = new States(description, config.maxSnapshotBytes(), () -> EventClock.nanosOf(callbacks.now()));
        HandlerOutput output = port.outlet();
        Timers timers = new Timers(callbacks, config, parameters.log());
        HandlerContext context = new HandlerContext(parameters, config, states, timers, output);
        Handler handler = function.udf().create(context);
        if (handler == null) {
            throw new UdfException("create: null (expected: a handler)");
        }
        states.seal();
        return new HandlerInstance(handler, context, output);
    }

    /**
     * Called when another instance replaces this one. Afterwards, threads that the handler has left behind can no
     * longer emit.
     */
    void end() {
        output.close();
    }

    States states() {
        return context.states();
    }

    InitParameters parameters() {
        return context.parameters();
    }

    ConnectionLog log() {
        return parameters().log();
    }

    Timers timers() {
        return context.timers();
    }

    /**
     * Restores all state, or changes nothing. Groups that have expired by the wall clock since the snapshot was taken
     * are removed before the next call.
     */
    States.Restored restore(byte[] snapshot) {
        return restored(states().restore(snapshot, timers().latestCredibleNanos()));
    }

    /** Reads all state from a backend. From now on, changes are written to this backend. */
    States.Restored restoreFrom(StateBackend backend) {
        return restored(states().attach(backend, timers().latestCredibleNanos()));
    }

    private States.Restored restored(States.Restored restored) {
        timers().restored(states().eventNanos());
        tellWallTime();
        return restored;
    }

    /** Called when the wake-up that was scheduled for the timers has occurred. */
    void woken() {
        timers().woken();
        tellWallTime();
    }

    private void tellWallTime() {
        if (states().expire()) {
            states().wallTime(EventClock.nanosOf(timers().now()));
        }
    }

    /**
     * The next expired group that needs a notification; null if there is none, or as long as a Restore may still
     * arrive.
     */
    @Nullable
    Expired nextExpired() {
        if (!states().expire() || !timers().haveBegun()) {
            return null;
        }
        states().advance(timers().eventNanos());
        Expired next = states().nextExpired();
        if (next == null) {
            timers().wishForWakeForExpiry(states().wallExpiryNanos());
        }
        return next;
    }

    /**
     * The parameters of Init, which are the same for every instance on a connection.
     *
     * @param options the checked options of the function
     * @param counters the function's own counters
     */
    record InitParameters(OptionValues options, String taskId, String nodeId, ConnectionLog log, Counters counters) {}
}
