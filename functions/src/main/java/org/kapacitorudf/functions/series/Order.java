package org.kapacitorudf.functions.series;

/** The position of a point relative to the previous points of its series. */
public enum Order {
    /** Not before the last point. It is learnt. */
    NEXT,

    /** A repetition of the last point, with the same time and value. It changes nothing. */
    DUPLICATE,

    /** Before the last point. It is not learnt. */
    LATE
}
