package org.kapacitorudf.server.call;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What becomes of lines that are not points: they end the call, or are counted, kept and skipped.
 *
 * <p>Threading: one thread gives them; any thread asks for the summary.
 */
public final class BadLines {
    /** The first bad line ends the call. */
    public static final BadLines FATAL = new BadLines(false, null, note -> {});

    private static final int NOTED = 5;

    private final boolean skips;
    private final OutputStream kept;
    private final Consumer<String> notes;
    private final AtomicLong count = new AtomicLong();
    private boolean keeping;

    private BadLines(boolean skips, OutputStream kept, Consumer<String> notes) {
        this.skips = skips;
        this.kept = kept;
        this.keeping = kept != null;
        this.notes = notes;
    }

    /**
     * Bad lines are skipped.
     *
     * @param kept where they are written; null for nowhere
     * @param notes told of the first few
     */
    public static BadLines skipped(OutputStream kept, Consumer<String> notes) {
        return new BadLines(true, kept, notes);
    }

    /** Takes a line; false if the call ends by it. */
    boolean take(BadInputException bad) {
        if (!skips) {
            return false;
        }
        if (count.incrementAndGet() <= NOTED) {
            notes.accept("skipped: " + bad.getMessage());
        }
        if (keeping) {
            try {
                kept.write(bad.line());
                kept.write('\n');
                kept.flush();
            } catch (IOException e) {
                // A full disk costs the lines and not the points.
                keeping = false;
                notes.accept("bad lines: not kept any more: " + e);
            }
        }
        return true;
    }

    /** How many there were, in words; empty for none. */
    Optional<String> summary() {
        long bad = count.get();
        return bad == 0 ? Optional.empty() : Optional.of(String.format(Locale.ROOT, "%,d bad lines skipped", bad));
    }
}
