package org.kapacitorudf.functions.detect;

/** Which side of the band alerts. */
public enum Direction {
    UP,
    DOWN,
    BOTH;

    boolean includes(double score) {
        return this == BOTH || (score > 0) == (this == UP);
    }
}
