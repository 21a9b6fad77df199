package org.kapacitorudf.errors;

/** What happens when a snapshot cannot be restored. */
public enum OnBadSnapshot {
    /** The task fails to start; its error contains the reason. */
    FAIL,
    /** The function starts without state, and a warning is logged. */
    FRESH
}
