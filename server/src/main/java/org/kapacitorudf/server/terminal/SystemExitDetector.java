package org.kapacitorudf.server.terminal;

import java.util.Arrays;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.slf4j.LoggerFactory;

/**
 * Detects a function that calls {@link System#exit} while a command of this program is running. Without this class, the
 * calling thread would never return. The command's unwritten output would be lost, and the function would determine the
 * exit status.
 *
 * <p>Commands that handle this themselves, such as {@code run} and {@code serve},
 * {@linkplain #release end the detection}.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class SystemExitDetector extends Thread {
    private static volatile boolean released;
    private static volatile Command command = thread -> {};

    /** The work that a command must still do if a function calls {@code System.exit}. */
    @FunctionalInterface
    public interface Command {
        /** @param thread the thread that has called {@code System.exit} */
        void end(Thread thread) throws InterruptedException;
    }

    private SystemExitDetector() {
        super("kapacitor-udf-exit-detector");
    }

    /** Starts the detection: until {@link #release}, any call of {@code System.exit} is attributed to a function. */
    public static void install() {
        Runtime.getRuntime().addShutdownHook(new SystemExitDetector());
    }

    /** Sets the work that the current command must still do if a function calls {@code System.exit}. */
    public static void endsWith(Command ending) {
        command = ending;
    }

    /** Ends the detection, because {@code System.exit} is allowed from now on, or is handled elsewhere. */
    public static void release() {
        released = true;
    }

    @Override
    public void run() {
        if (released) {
            return;
        }
        getAllStackTraces().forEach((thread, frames) -> {
            for (int i = 0; i < frames.length; i++) {
                if (SystemExitCalls.isExit(frames[i])) {
                    end(thread, Arrays.copyOfRange(frames, i, frames.length));
                }
            }
        });
    }

    private static void end(Thread thread, StackTraceElement[] way) {
        try {
            command.end(thread);
        } catch (InterruptedException e) {
            currentThread().interrupt();
        } finally {
            Throwable shown = new Throwable("System.exit");
            shown.setStackTrace(way);
            LoggerFactory.getLogger(SystemExitDetector.class)
                    .error(
                            "a function has called System.exit (expected: an exception); thread {}",
                            thread.getName(),
                            shown);
            System.err.flush();
            Runtime.getRuntime().halt(ExitStatus.FAILED.code());
        }
    }
}
