package org.kapacitorudf.internal.session;

/** The stack of a thread at one moment. It is not thrown, but logged like an exception, with one line per frame. */
final class CallStack extends Throwable {
    private static final long serialVersionUID = 1;

    /** Takes the stack of a thread. This may take a long time, because it waits for the thread's next safepoint. */
    CallStack(Thread thread) {
        super(thread.getName() + ", " + thread.getState(), null, false, true);
        setStackTrace(thread.getStackTrace());
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
