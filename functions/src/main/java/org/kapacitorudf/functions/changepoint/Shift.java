package org.kapacitorudf.functions.changepoint;

/** The kind of shift that a cumulative sum has detected. */
enum Shift {
    NONE(0),
    LEVEL_UP(1),
    LEVEL_DOWN(-1),
    SPREAD_UP(1),
    SPREAD_DOWN(-1);

    static final Shift[] ALL = values();

    /** The sign of the shift: 1 for an increase, -1 for a decrease. */
    final int sign;

    Shift(int sign) {
        this.sign = sign;
    }

    boolean isOfSpread() {
        return this == SPREAD_UP || this == SPREAD_DOWN;
    }
}
