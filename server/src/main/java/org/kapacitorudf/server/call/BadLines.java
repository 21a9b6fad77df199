package org.kapacitorudf.server.call;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Handles lines that are not points. Either the first such line ends the call, or all of them are counted and skipped,
 * and optionally saved.
 *
 * <p>Threading: one thread calls {@link #take}; any thread may call {@link #summary}.
 */
public final class BadLines {
    /** The first bad line ends the call. */
    public static final BadLines FATAL = new BadLines(false, null, note -> {});

    private static final int NOTED = 5;

    private final boolean skips;
    private final @Nullable OutputStream kept;
    private final Consumer<String> notes;
    private final AtomicLong count = new AtomicLong();
    private boolean keeping;

    private BadLines(boolean skips, @Nullable OutputStream kept, Consumer<String> notes) {
        this.skips = skips;
        this.kept = kept;
        this.keeping = kept != null;
        this.notes = notes;
    }

    /**
     * Returns an instance that skips bad lines.
     *
     * @param kept receives the bad lines; null if they are not to be saved
     * @param notes receives a message for each of the first few bad lines
     */
    public static BadLines skipped(@Nullable OutputStream kept, Consumer<String> notes) {
        return new BadLines(true, kept, notes);
    }

    /** Handles a bad line. Returns false if the line ends the call. */
    boolean take(BadInputException bad) {
        if (!skips) {
            return false;
        }
        if (count.incrementAndGet() <= NOTED) {
            notes.accept("skipped: " + bad.getMessage());
        }
        if (keeping && kept != null) {
            try {
                kept.write(bad.line());
                kept.write('\n');
                kept.flush();
            } catch (IOException e) {
                // The call continues without saving further bad lines.
                keeping = false;
                notes.accept("bad lines: no longer saved: " + e);
            }
        }
        return true;
    }

    /** Returns a message with the number of skipped lines; empty if no line was skipped. */
    Optional<String> summary() {
        long bad = count.get();
        return bad == 0 ? Optional.empty() : Optional.of(String.format(Locale.ROOT, "%,d bad lines skipped", bad));
    }
}
