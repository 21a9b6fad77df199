package org.kapacitorudf.functions.detect;

/** The side of the band, or both, on which a value causes an alert. */
public enum Direction {
    UP,
    DOWN,
    BOTH;

    boolean includes(double score) {
        return this == BOTH || (score > 0) == (this == UP);
    }
}
