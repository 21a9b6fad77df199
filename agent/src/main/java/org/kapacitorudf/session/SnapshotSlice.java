package org.kapacitorudf.session;

/** In the lane, between the messages of the connection: time to go on with a snapshot. */
enum SnapshotSlice {
    SNAPSHOT_SLICE
}
