package org.kapacitorudf.internal.host;

/** In the lane, between the messages of the connection: time to go on with a snapshot. */
public enum SnapshotSlice {
    SNAPSHOT_SLICE
}
