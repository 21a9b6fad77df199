package org.kapacitorudf.internal.wire;

/** Takes bytes out of somebody else's array. */
@FunctionalInterface
public interface ByteSink {
    /** Copies the bytes before it returns; it neither keeps the array nor changes it. */
    void write(byte[] bytes, int offset, int length);
}
