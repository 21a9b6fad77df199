package org.kapacitorudf.server.terminal;

import java.util.Arrays;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.slf4j.LoggerFactory;

/**
 * Notices a function that calls {@link System#exit} in a command of this program: the thread that calls it never comes back, so what the command has not written
 * yet would be lost, and the exit status would be the function's.
 *
 * <p>A command that ends in an order of its own, as {@code run} and {@code serve} do, {@linkplain #release releases} the guard.
 *
 * <p>Threading: safe for any thread.
 */
public final class ExitGuard extends Thread {
    private static volatile boolean released;
    private static volatile Command command = thread -> {};

    /** What a command has to do yet. */
    @FunctionalInterface
    public interface Command {
        /** @param thread the one that has called {@code System.exit} */
        void end(Thread thread) throws InterruptedException;
    }

    private ExitGuard() {
        super("kapacitor-udf-exit-guard");
    }

    /** From now on, until it is released, {@code System.exit} is a function's. */
    public static void install() {
        Runtime.getRuntime().addShutdownHook(new ExitGuard());
    }

    /** Sees that a command ends in order. */
    public static void guard(Command guarded) {
        command = guarded;
    }

    /** From now on {@code System.exit} is called by the program itself, or guarded elsewhere. */
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
            LoggerFactory.getLogger(ExitGuard.class)
                    .error(
                            "a function has called System.exit (expected: an exception); thread {}",
                            thread.getName(),
                            shown);
            System.err.flush();
            Runtime.getRuntime().halt(ExitStatus.FAILED.code());
        }
    }
}
