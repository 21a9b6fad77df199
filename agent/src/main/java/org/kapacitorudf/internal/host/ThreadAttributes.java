package org.kapacitorudf.internal.host;

import java.lang.Thread.UncaughtExceptionHandler;

/** The attributes of a thread that a handler may change. The thread is used by other connections afterwards. */
public record ThreadAttributes(
        String name, int priority, ClassLoader contextClassLoader, UncaughtExceptionHandler uncaught) {
    public static ThreadAttributes of(Thread thread) {
        return new ThreadAttributes(
                thread.getName(),
                thread.getPriority(),
                thread.getContextClassLoader(),
                thread.getUncaughtExceptionHandler());
    }

    /** Restores the attributes. Must be called by the thread itself. */
    public void restore(Thread thread) {
        thread.setContextClassLoader(contextClassLoader);
        if (!thread.getName().equals(name)) {
            thread.setName(name);
        }
        if (thread.getPriority() != priority) {
            thread.setPriority(priority);
        }
        if (thread.getUncaughtExceptionHandler() != uncaught) {
            // A thread without its own handler returns its group.
            thread.setUncaughtExceptionHandler(uncaught == thread.getThreadGroup() ? null : uncaught);
        }
    }
}
