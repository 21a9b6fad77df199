package org.kapacitorudf.functions.detect;

/** The values that cause alerts: those above the band, those below it, or both. */
public enum Direction {
    UP,
    DOWN,
    BOTH;

    boolean includes(double score) {
        return this == BOTH || (score > 0) == (this == UP);
    }
}
