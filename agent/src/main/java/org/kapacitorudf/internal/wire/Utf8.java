package org.kapacitorudf.internal.wire;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Strict conversion between text and UTF-8: invalid input is rejected in both directions, never replaced.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';
    private static final int SHOWN = 60;

    private Utf8() {}

    /**
     * Decodes bytes.
     *
     * @throws CharacterCodingException if the bytes are not valid UTF-8
     */
    public static String decode(byte[] bytes, int from, int to) throws CharacterCodingException {
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        // The JDK replaces invalid bytes by a replacement character. Searching for this character costs nothing in a
        // Latin-1 string.
        if (text.indexOf(REPLACEMENT) >= 0 && !encodes(text, bytes, from, to)) {
            throw new MalformedInputException(to - from);
        }
        return text;
    }

    /** Whether the bytes are valid UTF-8. */
    public static boolean isValid(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] < 0) {
                try {
                    decode(bytes, at, to);
                    return true;
                } catch (CharacterCodingException e) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean encodes(String text, byte[] bytes, int from, int to) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(encoded, 0, encoded.length, bytes, from, to);
    }

    /** Whether the bytes are valid UTF-8. */
    public static boolean equals(String text, byte[] bytes, int from, int to) {
        int chars = text.length();
        if (chars > to - from) {
            return false;
        }
        for (int i = 0; i < chars; i++) {
            char next = text.charAt(i);
            if (next >= 0x80) {
                return text.equals(new String(bytes, from, to - from, StandardCharsets.UTF_8))
                        && encodes(text, bytes, from, to);
            }
            if (next != bytes[from + i]) {
                return false;
            }
        }
        return chars == to - from;
    }

    /**
     * Returns the number of bytes of a string in UTF-8.
     *
     * @param what the name of the string, for the exception
     * @throws IllegalArgumentException if the string contains a lone surrogate
     */
    public static int size(String what, String text) {
        int chars = text.length();
        for (int i = 0; i < chars; i++) {
            if (text.charAt(i) >= 0x80) {
                return i + wideSize(what, text, i);
            }
        }
        return chars;
    }

    private static int wideSize(String what, String text, int from) {
        int size = 0;
        int i = from;
        while (i < text.length()) {
            int codePoint = text.codePointAt(i);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(what + ": " + quoted(text) + " (expected: valid Unicode)");
            }
            size += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            i += Character.charCount(codePoint);
        }
        return size;
    }

    /** Writes a string whose {@link #size} is known, and returns the position after it. */
    public static int write(String text, byte[] bytes, int position) {
        int chars = text.length();
        for (int i = 0; i < chars; i++) {
            char next = text.charAt(i);
            if (next >= 0x80) {
                byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(rest, 0, bytes, position + i, rest.length);
                return position + i + rest.length;
            }
            bytes[position + i] = (byte) next;
        }
        return position + chars;
    }

    /** Returns invalid UTF-8 as text for a message: {@code "host=\xff"}. */
    public static String quoted(byte[] bytes, int from, int to) {
        StringBuilder quoted = new StringBuilder("\"");
        int end = Math.min(to, from + SHOWN);
        for (int i = from; i < end; i++) {
            if (bytes[i] >= ' ' && bytes[i] != 0x7F) {
                quoted.append((char) bytes[i]);
            } else {
                quoted.append(String.format("\\x%02x", bytes[i]));
            }
        }
        return quoted.append(end < to ? "...\"" : "\"").toString();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int end = Math.min(text.length(), SHOWN);
        for (int i = 0; i < end; i++) {
            char next = text.charAt(i);
            if (next >= ' ' && next < 0x7F) {
                quoted.append(next);
            } else {
                quoted.append(String.format("\\u%04x", (int) next));
            }
        }
        return quoted.append(end < text.length() ? "...\"" : "\"").toString();
    }
}
