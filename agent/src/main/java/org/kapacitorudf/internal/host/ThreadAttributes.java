package org.kapacitorudf.internal.host;

import java.lang.Thread.UncaughtExceptionHandler;

/** What a handler may change of the thread that calls it, which is another connection's thread the next moment. */
public record ThreadAttributes(
        String name, int priority, ClassLoader contextClassLoader, UncaughtExceptionHandler uncaught) {
    public static ThreadAttributes of(Thread thread) {
        return new ThreadAttributes(
                thread.getName(),
                thread.getPriority(),
                thread.getContextClassLoader(),
                thread.getUncaughtExceptionHandler());
    }

    /** Puts everything back. To be called by the thread itself. */
    public void restore(Thread thread) {
        thread.setContextClassLoader(contextClassLoader);
        if (!thread.getName().equals(name)) {
            thread.setName(name);
        }
        if (thread.getPriority() != priority) {
            thread.setPriority(priority);
        }
        if (thread.getUncaughtExceptionHandler() != uncaught) {
            // A thread without one of its own answers with its group.
            thread.setUncaughtExceptionHandler(uncaught == thread.getThreadGroup() ? null : uncaught);
        }
    }
}
