package org.kapacitorudf.internal.host;

/** The time of a timer has come. It travels through the same queue as the data, so that what was read before is handled first. */
public enum WakeUp {
    WAKE_UP
}
