package org.kapacitorudf.server.logging;

/** The format of log lines. */
public enum LogFormat {
    /** Plain text. */
    TEXT,
    /** One JSON object per line, for log collectors. */
    JSON,
    /** For Telegraf, which expects the level first. */
    TELEGRAF
}
