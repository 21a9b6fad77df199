package org.kapacitorudf.internal.wire;

/** Receives bytes from an array that belongs to the caller. */
@FunctionalInterface
public interface ByteSink {
    /** Receives bytes. This method must copy them before it returns, and must neither keep nor change the array. */
    void write(byte[] bytes, int offset, int length);
}
