package org.kapacitorudf.internal.wire;

/** Receives bytes from an array that belongs to the caller. */
@FunctionalInterface
public interface ByteSink {
    /** Copies the bytes before it returns. It must neither keep nor change the array. */
    void write(byte[] bytes, int offset, int length);
}
