package org.kapacitorudf.testkit;

import java.io.IOException;

/**
 * How the bytes of the requests are cut into writes.
 *
 * <p>Threading: the writing thread only; one instance for each use.
 */
abstract sealed class Framing {
    abstract void write(Wire wire, byte[] header, byte[] body) throws IOException;

    /** Writes what is held back, because there is nothing to write after it for now. */
    void flush(Wire wire) throws IOException {}

    /** Kapacitor's own: one write for the length, one for the body. */
    static final class LengthThenBody extends Framing {
        @Override
        void write(Wire wire, byte[] header, byte[] body) throws IOException {
            wire.write(header, 0, header.length);
            wire.write(body, 0, body.length);
        }
    }

    /** One write for each frame. */
    static final class WholeFrames extends Framing {
        @Override
        void write(Wire wire, byte[] header, byte[] body) throws IOException {
            byte[] frame = new byte[header.length + body.length];
            System.arraycopy(header, 0, frame, 0, header.length);
            System.arraycopy(body, 0, frame, header.length, body.length);
            wire.write(frame, 0, frame.length);
        }
    }

    /** Writes of one size, wherever that cuts the frames; the last one is smaller. */
    static final class Chunks extends Framing {
        private final byte[] chunk;
        private int filled;

        Chunks(int chunkBytes) {
            chunk = new byte[chunkBytes];
        }

        @Override
        void write(Wire wire, byte[] header, byte[] body) throws IOException {
            add(wire, header);
            add(wire, body);
        }

        private void add(Wire wire, byte[] bytes) throws IOException {
            for (int from = 0; from < bytes.length; ) {
                int length = Math.min(bytes.length - from, chunk.length - filled);
                System.arraycopy(bytes, from, chunk, filled, length);
                from += length;
                filled += length;
                if (filled == chunk.length) {
                    flush(wire);
                }
            }
        }

        @Override
        void flush(Wire wire) throws IOException {
            if (filled > 0) {
                wire.write(chunk, 0, filled);
                filled = 0;
            }
        }
    }
}
