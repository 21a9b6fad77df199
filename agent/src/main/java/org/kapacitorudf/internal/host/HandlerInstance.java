package org.kapacitorudf.internal.host;

import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.snapshot.Expired;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.OptionValues;

/**
 * One life of a handler, from {@code create} to {@code stop}: the handler with all that is its own. A fresh start on the same connection replaces it as a whole.
 *
 * <p>Threading: the handler's calls only.
 *
 * @param handler made by the function
 * @param context what it was given
 * @param output what its calls are given
 */
record HandlerInstance(Handler handler, HandlerContext context, HandlerOutput output) {
    /** Makes a handler, whose output is shut as yet. Errors: whatever {@code create} throws. */
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

    /** Another life takes its place: nothing that is left of this one, a thread for example, gets anything out any more. */
    void end() {
        output.close();
    }

    States states() {
        return context.states();
    }

    Timers timers() {
        return context.timers();
    }

    /** Takes back all state, or changes nothing. What has expired meanwhile is due at once. */
    States.Restored restore(byte[] snapshot) {
        return restored(states().restore(snapshot, timers().latestCredibleNanos()));
    }

    /** Takes all state from a backend, into which what changes is written from now on. */
    States.Restored restoreFrom(StateBackend backend) {
        return restored(states().attach(backend, timers().latestCredibleNanos()));
    }

    private States.Restored restored(States.Restored restored) {
        timers().restored(states().eventNanos());
        tellWallTime();
        return restored;
    }

    /** The wake-up of the timers has come. */
    void woken() {
        timers().woken();
        tellWallTime();
    }

    private void tellWallTime() {
        if (states().expire()) {
            states().wallTime(EventClock.nanosOf(timers().now()));
        }
    }

    /** The next group that has to go by now, as far as the handler wants to be told; null if there is none, or the state is still to come. */
    Expired<?> nextExpired() {
        if (!states().expire() || !timers().haveBegun()) {
            return null;
        }
        states().advance(timers().eventNanos());
        Expired<?> next = states().nextExpired();
        if (next == null) {
            timers().wishForWakeForExpiry(states().wallExpiryNanos());
        }
        return next;
    }

    /**
     * What Init has told, the same for every life on a connection.
     *
     * @param options the function's options, checked
     * @param counters the function's own counts
     */
    record InitParameters(OptionValues options, String taskId, String nodeId, ConnectionLog log, Counters counters) {}
}
