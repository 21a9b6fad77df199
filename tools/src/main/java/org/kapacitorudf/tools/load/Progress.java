package org.kapacitorudf.tools.load;

/** Receives the progress of a measurement several times per second. */
@FunctionalInterface
public interface Progress {
    /** Receives a line of text that replaces the previous line. */
    void at(String line);

    /** Receives the number of points received since the start of a run. */
    @FunctionalInterface
    interface Rate {
        void rate(long points, long elapsedNanos);
    }
}
