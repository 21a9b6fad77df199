package org.kapacitorudf.server.command;

import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.load.Progress;

/**
 * Shows the progress in one line on STDERR, which is overwritten each time. Prints nothing if STDERR is not a terminal.
 *
 * <p>Threading: safe for use by any thread.
 */
final class ProgressLine implements Progress {
    private static final String TO_START_AND_CLEAR = "\r\u001b[K";

    private final Terminal terminal;
    private boolean shown;

    ProgressLine(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public synchronized void at(String line) {
        if (terminal.isErrTerminal()) {
            terminal.err().print(TO_START_AND_CLEAR + line);
            terminal.err().flush();
            shown = true;
        }
    }

    /** Removes the line. */
    synchronized void clear() {
        if (shown) {
            terminal.err().print(TO_START_AND_CLEAR);
            terminal.err().flush();
            shown = false;
        }
    }
}
