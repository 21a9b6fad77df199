package org.kapacitorudf.errors;

/** What a snapshot that cannot be restored does. */
public enum OnBadSnapshot {
    /** Fails the start of the task with an error that says what is wrong. */
    FAIL,
    /** Starts fresh, with a warning in the log. */
    FRESH
}
