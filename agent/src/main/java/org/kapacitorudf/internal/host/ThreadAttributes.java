package org.kapacitorudf.internal.host;

import java.lang.Thread.UncaughtExceptionHandler;

/**
 * The attributes of a thread that a handler may change. They must be restored, because other connections use the thread
 * afterwards.
 */
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
            // For a thread without its own handler, the getter returns the thread group.
            thread.setUncaughtExceptionHandler(uncaught == thread.getThreadGroup() ? null : uncaught);
        }
    }
}
