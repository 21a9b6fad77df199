package org.kapacitorudf.client;

import java.io.IOException;

/**
 * How requests are divided into writes.
 *
 * <p>Threading: for use only by the writing thread; one instance per session.
 */
abstract sealed class Framing {
    abstract void write(Transport transport, byte[] header, byte[] body) throws IOException;

    /** Writes buffered data. Called when there is nothing else to write at the moment. */
    void flush(Transport transport) throws IOException {}

    /** One write for the length and one for the body, as in Kapacitor. */
    static final class LengthThenBody extends Framing {
        @Override
        void write(Transport transport, byte[] header, byte[] body) throws IOException {
            transport.write(header, 0, header.length);
            transport.write(body, 0, body.length);
        }
    }

    /** One write per frame. */
    static final class WholeFrames extends Framing {
        @Override
        void write(Transport transport, byte[] header, byte[] body) throws IOException {
            byte[] frame = new byte[header.length + body.length];
            System.arraycopy(header, 0, frame, 0, header.length);
            System.arraycopy(body, 0, frame, header.length, body.length);
            transport.write(frame, 0, frame.length);
        }
    }

    /** Writes of equal size, which may begin and end anywhere in a frame. A flush may write a smaller one. */
    static final class Chunks extends Framing {
        private final byte[] chunk;
        private int filled;

        Chunks(int chunkBytes) {
            chunk = new byte[chunkBytes];
        }

        @Override
        void write(Transport transport, byte[] header, byte[] body) throws IOException {
            add(transport, header);
            add(transport, body);
        }

        private void add(Transport transport, byte[] bytes) throws IOException {
            for (int from = 0; from < bytes.length; ) {
                int length = Math.min(bytes.length - from, chunk.length - filled);
                System.arraycopy(bytes, from, chunk, filled, length);
                from += length;
                filled += length;
                if (filled == chunk.length) {
                    flush(transport);
                }
            }
        }

        @Override
        void flush(Transport transport) throws IOException {
            if (filled > 0) {
                transport.write(chunk, 0, filled);
                filled = 0;
            }
        }
    }
}
