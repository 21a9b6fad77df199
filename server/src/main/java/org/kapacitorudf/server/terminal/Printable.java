package org.kapacitorudf.server.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes UTF-8 to a terminal, with control characters made visible. Otherwise the terminal would execute control
 * characters in points and files.
 *
 * <pre>
 *   m,host=a ESC [2J 0A     ->     m,host=a\u005cu001b[2J 0A
 * </pre>
 *
 * <p>Line feeds and tabs are not changed.
 *
 * <p>Threading: one thread at a time.
 */
final class Printable extends OutputStream {
    /**
     * The first byte of the control characters U+0080 to U+009F in UTF-8. The second byte is the character's own value.
     */
    private static final byte LEAD = (byte) 0xC2;

    private static final int FIRST_OF_TWO = 0x80;
    private static final int LAST_OF_TWO = 0x9F;

    private final OutputStream out;
    private boolean led;

    Printable(OutputStream out) {
        this.out = out;
    }

    /** Returns a string with its control characters made visible. */
    static String text(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.chars().forEach(c -> printable.append(isControl(c) ? escape(c) : String.valueOf((char) c)));
        return printable.toString();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            int b = Byte.toUnsignedInt(bytes[i]);
            boolean ofTwo = led && b >= FIRST_OF_TWO && b <= LAST_OF_TWO;
            if (led && !ofTwo) {
                out.write(LEAD);
            }
            led = bytes[i] == LEAD;
            if (led || ofTwo || isControl(b) && b < FIRST_OF_TWO) {
                out.write(bytes, from, i - from);
                from = i + 1;
                if (!led) {
                    out.write(escape(b).getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
        out.write(bytes, from, offset + length - from);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    private static boolean isControl(int c) {
        return c != '\n' && c != '\t' && Character.isISOControl(c);
    }

    private static String escape(int c) {
        return String.format("\\u%04x", c);
    }
}
