package org.kapacitorudf;

/** The kind of data on one edge of a function: single points or whole batches. */
public enum EdgeType {
    STREAM,
    BATCH
}
