package org.kapacitorudf;

/** What travels on one side of a function: single points, or whole batches. */
public enum EdgeType {
    STREAM,
    BATCH
}
