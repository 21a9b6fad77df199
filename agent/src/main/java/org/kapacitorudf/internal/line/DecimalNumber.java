package org.kapacitorudf.internal.line;

import java.nio.charset.StandardCharsets;

/**
 * Converts doubles from and to decimal digits; numbers with few digits need no allocation.
 *
 * <p>Threading: safe for use by any thread.
 */
final class DecimalNumber {
    /**
     * A double represents every integer up to this one exactly. If such an integer is multiplied or divided by an exact
     * power of ten, the result is therefore rounded only once.
     */
    private static final long MOST_EXACT = 1L << 53;

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final int FRACTION_DIGITS = 6;
    private static final double FRACTION = 1e6;
    private static final double PLAIN_FROM = 1e-3;
    private static final double PLAIN_BELOW = 1e7;

    private DecimalNumber() {}

    /** Parses a decimal number whose syntax {@link LineParser} has checked. */
    static double parse(byte[] bytes, int from, int to) {
        boolean negative = bytes[from] == '-';
        int at = negative ? from + 1 : from;
        long digits = 0;
        int scale = 0;
        boolean fraction = false;
        for (; at < to; at++) {
            byte next = bytes[at];
            if (next == '.') {
                fraction = true;
            } else if (next >= '0' && next <= '9' && digits < MOST_EXACT / 10) {
                digits = 10 * digits + next - '0';
                scale += fraction ? 1 : 0;
            } else {
                return Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
            }
        }
        if (scale >= POWERS.length) {
            return Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        }
        double value = digits / POWERS[scale];
        return negative ? -value : value;
    }

    /** Writes a double like {@link Double#toString(double)}, except for the infinities: {@code +Inf}, {@code -Inf}. */
    static void write(double value, Bytes out) {
        double size = Math.abs(value);
        if (size >= PLAIN_FROM && size < PLAIN_BELOW) {
            long scaled = Math.round(size * FRACTION);
            // The number has at most 13 digits. No two decimal numbers of this length are the same double.
            if (scaled / FRACTION == size) {
                if (value < 0) {
                    out.add('-');
                }
                plain(scaled, out);
                return;
            }
        }
        text(Double.isInfinite(value) ? value > 0 ? "+Inf" : "-Inf" : Double.toString(value), out);
    }

    private static void plain(long scaled, Bytes out) {
        long whole = scaled / (long) FRACTION;
        int rest = (int) (scaled % (long) FRACTION);
        write(whole, out);
        out.add('.');
        byte[] array = out.room(FRACTION_DIGITS);
        int last = 0;
        for (int i = FRACTION_DIGITS - 1; i >= 0; i--) {
            int digit = rest % 10;
            rest /= 10;
            array[out.size + i] = (byte) ('0' + digit);
            last = last == 0 && digit != 0 ? i : last;
        }
        out.size += last + 1;
    }

    static void write(long value, Bytes out) {
        if (value == Long.MIN_VALUE) {
            text(Long.toString(value), out);
            return;
        }
        long rest = Math.abs(value);
        if (value < 0) {
            out.add('-');
        }
        int digits = 1;
        for (long bound = 10; digits < 19 && rest >= bound; bound *= 10) {
            digits++;
        }
        byte[] array = out.room(digits);
        for (int i = out.size + digits - 1; i >= out.size; i--) {
            array[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        out.size += digits;
    }

    private static void text(String text, Bytes out) {
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        out.add(ascii, 0, ascii.length);
    }
}
