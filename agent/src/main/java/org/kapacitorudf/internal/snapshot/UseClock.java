package org.kapacitorudf.internal.snapshot;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The clock of a group's last use. The names are part of the snapshot's format. */
enum UseClock {
    /** Event time, in nanoseconds since the epoch. */
    EVENT,
    /** Wall time, in nanoseconds since the epoch. */
    WALL,
    /** The number of uses. */
    COUNT;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The clock with this name; null if there is none. */
    static @Nullable UseClock of(@Nullable String text) {
        for (UseClock clock : values()) {
            if (clock.text().equals(text)) {
                return clock;
            }
        }
        return null;
    }
}
