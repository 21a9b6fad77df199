package org.kapacitorudf.server.serve;

import java.time.Duration;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfAgent;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.kapacitorudf.server.terminal.Terminal;

/** Hosts a function on STDIN and STDOUT. */
public final class ProcessHost {
    private ProcessHost() {}

    /**
     * Runs the session with Kapacitor, and then exits the process with the status of the session's
     * {@link org.kapacitorudf.agent.Ending}. Does not return.
     *
     * <p>When a terminal or a supervisor stops Kapacitor, the child processes often receive the signal as well.
     * Therefore, a signal does not end the session immediately. It only limits how long the input may continue.
     */
    public static void run(Terminal terminal, String name, Udf udf, HostOptions options) {
        options.traced().forEach(Logging::trace);
        Thread.currentThread().setContextClassLoader(udf.getClass().getClassLoader());
        Thread.currentThread()
                .setUncaughtExceptionHandler((thread, failure) -> CommandException.failed(terminal, failure));
        UdfAgent agent = UdfAgent.stdio(options.hosted(name, udf), options.hostConfig());
        // In a separate thread, because reflection takes time and Kapacitor is waiting for the agent to start.
        Thread signals =
                new Thread(() -> Signals.handle(() -> stopAfter(options.grace(), agent)), "kapacitor-udf-signals");
        signals.setDaemon(true);
        signals.start();
        SystemExitDetector.release();
        agent.run();
    }

    private static void stopAfter(Duration grace, UdfAgent agent) {
        try {
            Thread.sleep(grace.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        agent.stop();
    }
}
