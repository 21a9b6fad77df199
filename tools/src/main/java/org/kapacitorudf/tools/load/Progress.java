package org.kapacitorudf.tools.load;

/** Is told, some times a second, what a measurement is doing. */
@FunctionalInterface
public interface Progress {
    /** Gets a line of text, which takes the place of the one before. */
    void at(String line);

    /** Gets how many points have come back since a run has begun. */
    @FunctionalInterface
    interface Rate {
        void rate(long points, long elapsedNanos);
    }
}
