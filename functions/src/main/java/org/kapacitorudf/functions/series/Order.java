package org.kapacitorudf.functions.series;

/** The position of a point relative to the previous points of its series. */
public enum Order {
    /** The point is not before the last one. It is learnt. */
    NEXT,

    /** A repetition of the last point, with the same time and value. It changes nothing. */
    DUPLICATE,

    /** The point is before the last one. It is not learnt. */
    LATE
}
