package org.kapacitorudf.internal.snapshot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;

/**
 * The encoding of a value in a {@link StateBackend}. Numbers are big-endian:
 * <pre>
 *   01                        format
 *   03                        kind: 0 is the handler's own bytes, 1 one value, 2 a value of a group,
 *                             3 the same with its last use
 *   00 00 00 01               version of the function's state
 *   00 | 8 bytes              kind 3: the clock of the last use (0 event, 1 wall, 2 count), and the last use
 *   A1 63 73 75 6D ...        CBOR of the value, or the handler's own bytes
 * </pre>
 *
 * <p>Threading: immutable, safe for use by any thread.
 *
 * <p>Errors: {@link SnapshotException} for invalid bytes.
 *
 * @param clock the clock of the last use; null if there is no last use, or if the clock is unknown
 */
record BackendValue(int kind, int version, @Nullable UseClock clock, long lastUse, byte[] bytes, int offset) {
    /** The name of the state that holds the handler's own bytes. No other state can have this name. */
    static final String HANDLER_STATE = "";

    static final int HANDLER_BYTES = 0;

    private static final int FORMAT = 1;
    private static final int HEAD_BYTES = 6;
    private static final int USED_HEAD_BYTES = HEAD_BYTES + 1 + Long.BYTES;

    static BackendValue of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        require(bytes.length >= HEAD_BYTES, bytes.length + " bytes", ">= " + HEAD_BYTES);
        int format = in.get();
        require(format == FORMAT, "format " + format, Integer.toString(FORMAT));
        int kind = in.get();
        int version = in.getInt();
        if (kind != StoredState.Kind.USED_GROUPS.code()) {
            return new BackendValue(kind, version, null, 0, bytes, HEAD_BYTES);
        }
        require(bytes.length >= USED_HEAD_BYTES, bytes.length + " bytes", ">= " + USED_HEAD_BYTES);
        int clock = in.get();
        UseClock known = clock >= 0 && clock < UseClock.values().length ? UseClock.values()[clock] : null;
        return new BackendValue(kind, version, known, in.getLong(), bytes, USED_HEAD_BYTES);
    }

    private static void require(boolean condition, String found, String expected) {
        if (!condition) {
            throw new SnapshotException("stored value: " + found + " (expected: " + expected + ")");
        }
    }

    /** Returns the value as a section of its own. */
    Envelope.Section section(String state) {
        return new Envelope.Section(StoredState.Kind.VALUE.code(), state, bytes, offset, bytes.length - offset);
    }

    /** Encodes values, one after the other. Threading: one thread at a time. */
    static final class Writer extends ByteArrayOutputStream {
        private final int version;

        Writer(int version) {
            this.version = version;
        }

        /** Begins a value without a last use. */
        Writer begin(int kind) {
            reset();
            write(FORMAT);
            write(kind);
            writeNumber(version, Integer.BYTES);
            return this;
        }

        /** Begins a value with its last use. */
        Writer begin(UseClock clock, long lastUse) {
            begin(StoredState.Kind.USED_GROUPS.code());
            write(clock.ordinal());
            writeNumber(lastUse, Long.BYTES);
            return this;
        }

        private void writeNumber(long number, int bytes) {
            for (int i = bytes - 1; i >= 0; i--) {
                write((int) (number >> (Byte.SIZE * i)));
            }
        }
    }
}
