package org.kapacitorudf.server.telegraf;

import java.util.function.Consumer;

/**
 * Writes lines to Telegraf's log. The first letter of a line is its level, as in lines of Telegraf's own plugins.
 *
 * <pre>
 *   E! kapacitor-udf movingAvg: size: 0 (expected: >= 1)
 *   W! kapacitor-udf movingAvg: skipped: line 3, column 8: ...
 * </pre>
 *
 * <p>Threading: safe for use by any thread if the receiver of the lines is safe for use by any thread.
 */
public final class Journal {
    private final String name;
    private final Consumer<String> lines;

    /** @param lines receives each line, without a line break */
    public Journal(String name, Consumer<String> lines) {
        this.name = name;
        this.lines = lines;
    }

    public void error(String text) {
        line('E', text);
    }

    public void warn(String text) {
        line('W', text);
    }

    public void info(String text) {
        line('I', text);
    }

    private void line(char level, String text) {
        lines.accept(level + "! kapacitor-udf " + name + ": "
                + text.replace("\r", "").replace("\n", " | "));
    }
}
