package org.kapacitorudf.server.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Handles SIGTERM, SIGINT and SIGHUP as requests to stop. Instead, SIGHUP can be a request to read the configuration
 * again.
 *
 * <p>It uses {@code sun.misc.Signal} instead of a shutdown hook: a hook cannot set the exit status to 0 without cutting
 * off other hooks, and cannot detect a second signal. It uses reflection, because the compiler warning about the class
 * cannot be suppressed. A signal that was ignored when the program started, such as SIGINT in a background job of a
 * shell, stays ignored.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Signals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");
    private static final int STATUS_OF_SIGNALS = 128;

    private Signals() {}

    /** Runs an action at each SIGHUP, on a separate thread. */
    public static void onHangUp(Runnable action) {
        handle(List.of("HUP"), (signal, caught) -> action.run());
    }

    /**
     * Runs {@code onFirst} at the first signal, on a separate thread. The second signal ends the JVM immediately, with
     * the status that a shell reports for that signal.
     */
    public static void handle(Runnable onFirst) {
        handle(NAMES, onFirst);
    }

    /** Like {@link #handle(Runnable)}, but only for the signals with these names, such as {@code TERM}. */
    public static void handle(List<String> names, Runnable onFirst) {
        AtomicBoolean asked = new AtomicBoolean();
        handle(names, (signal, caught) -> {
            if (asked.getAndSet(true)) {
                int number = (int) signal.getMethod("getNumber").invoke(caught);
                Runtime.getRuntime().halt(STATUS_OF_SIGNALS + number);
            }
            onFirst.run();
        });
    }

    /** Called for each signal, with the class {@code sun.misc.Signal} and an instance of it. */
    private interface Action {
        void caught(Class<?> signal, Object caught) throws ReflectiveOperationException;
    }

    private static void handle(List<String> names, Action action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object dispatch = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        action.caught(signal, arguments[0]);
                        return null;
                    });
            for (String name : names) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), dispatch);
            }
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("signals: " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals: " + e, e);
        }
    }
}
