package org.kapacitorudf.server.logging;

/** How much is logged: the level named, and all that is graver. */
public enum LogLevel {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    boolean includes(LogLevel other) {
        return other.ordinal() <= ordinal();
    }
}
