package org.kapacitorudf.internal.session;

/** Where a thread was when somebody looked: not thrown, but logged as exceptions are, a line for each frame. */
final class CallStack extends Throwable {
    private static final long serialVersionUID = 1;

    /** May take long: it waits for the thread's next safepoint. */
    CallStack(Thread thread) {
        super(thread.getName() + ", " + thread.getState(), null, false, true);
        setStackTrace(thread.getStackTrace());
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
