package org.kapacitorudf.internal.session;

/** The stack of a thread at one moment: not thrown, but logged like an exception, one line per frame. */
final class CallStack extends Throwable {
    private static final long serialVersionUID = 1;

    /** May take a long time, because it waits for the thread's next safepoint. */
    CallStack(Thread thread) {
        super(thread.getName() + ", " + thread.getState(), null, false, true);
        setStackTrace(thread.getStackTrace());
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
