package org.kapacitorudf.functions.series;

/** How a point stands to the points of its series that came before it. */
public enum Order {
    /** Not before the last one. It is learnt. */
    NEXT,

    /** The last one again, with the same time and value. It changes nothing. */
    DUPLICATE,

    /** Before the last one. It is not learnt. */
    LATE
}
