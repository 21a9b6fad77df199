package org.kapacitorudf.internal.host;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.line.LineWriter;

/** Creates the text of failures. Works even if the methods of an exception throw exceptions themselves. */
public final class FailureTexts {
    /** Shown in place of the data if a call has none, such as the call of a timer. */
    public static final String NOTHING = "nothing";

    /** The maximum length of a failure's text, which appears in Kapacitor's log and in the task's status. */
    private static final int LONGEST = 2000;

    private static final int LONGEST_POINT = 64 * 1024;

    private FailureTexts() {}

    /**
     * Returns the text of a failure: for an exception that is meant for the task's owner, only its message; for any
     * other exception, its class and message.
     */
    public static String of(Throwable failure) {
        String text;
        try {
            String message = failure.getMessage();
            text = failure instanceof UdfException && message != null
                    ? message
                    : failure.getClass().getName() + (message == null ? "" : ": " + message);
        } catch (Throwable e) {
            text = failure.getClass().getName() + " (its message cannot be read: "
                    + e.getClass().getName() + ")";
        }
        return cut(text);
    }

    /**
     * Returns the argument of a call as text for a log line. A point is in line protocol.
     *
     * @param data the argument; null if the call has none
     * @param batchName the name of the batch that the data belongs to, because the points of a batch have no name;
     *     empty in a stream
     */
    static String ofData(@Nullable Object data, String batchName) {
        if (!(data instanceof Point point)) {
            return data == null ? NOTHING : cut(data.toString());
        }
        if (point.encodedSize() > LONGEST_POINT) {
            // The text would take many times the memory of the point.
            return "a point of " + point.encodedSize() + " bytes";
        }
        return cut(batchName.isEmpty() ? point.toString() : ofBatch(batchName, point.encoded()));
    }

    /** The name may contain a line break, so no point can have it. The writer escapes the line break. */
    private static String ofBatch(String name, byte[] point) {
        return new LineWriter().point(name, point, 0, point.length).toString();
    }

    /** Returns a size as text for a message. */
    static String bytes(int bytes) {
        if (bytes < 1_000) {
            return bytes + " bytes";
        }
        return bytes < 1_000_000 ? Math.round(bytes / 1e3) + " kB" : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }

    /** Returns a duration as text for a message: {@code 1.5 s}. */
    public static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
