package org.kapacitorudf.server.logging;

/** How a line of the log looks. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** An object for each, for collectors. */
    JSON,
    /** For Telegraf, which wants the level first. */
    TELEGRAF
}
