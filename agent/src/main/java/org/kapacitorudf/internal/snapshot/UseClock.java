package org.kapacitorudf.internal.snapshot;

import java.util.Locale;

/** What counts as the time of a group's last use. The names are part of the snapshot's format. */
enum UseClock {
    /** The points' time, in nanoseconds since the epoch. */
    EVENT,
    /** The clock on the wall, in nanoseconds since the epoch. */
    WALL,
    /** The uses themselves, counted. */
    COUNT;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The clock of this name; null for none, and for one that is not known here. */
    static UseClock of(String text) {
        for (UseClock clock : values()) {
            if (clock.text().equals(text)) {
                return clock;
            }
        }
        return null;
    }
}
