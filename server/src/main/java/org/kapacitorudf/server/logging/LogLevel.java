package org.kapacitorudf.server.logging;

/** The log level: messages of this level and more severe ones are logged. */
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
