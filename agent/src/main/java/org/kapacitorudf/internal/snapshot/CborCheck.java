package org.kapacitorudf.internal.snapshot;

import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.wire.Utf8;

/**
 * Checks that bytes are one item of CBOR (RFC 8949), before a parser trusts any length in them.
 *
 * <pre>
 *   9F 61 67 FB 3F E0 00 00 00 00 00 00 FF     ["g", 0.5]
 *   5A 7F FF FF F0 00                          2 GiB of bytes, of which one is there: rejected
 *   C4 82 21 19 6A B3                          the tag of a decimal, as written here
 *   C4 C4 C4 C4 ...                            tags that Jackson collects in quadratic time: rejected
 * </pre>
 *
 * <p>Accepts only the tags and simple values that a snapshot can contain: the tags of big numbers, and false, true and
 * null.
 *
 * <p>Threading: one thread.
 */
final class CborCheck {
    /** Jackson's limit for the depth of nesting. */
    private static final int MAX_DEPTH = 500;

    private static final int TEXT = 3;
    private static final int INDEFINITE = 31;
    private static final int BREAK = 0xFF;
    /** Stands for an unknown number of items; a break follows the last item. */
    private static final long UNTIL_BREAK = -1;

    private final byte[] bytes;
    private final int start;
    private final int end;
    private final long[] itemsLeft = new long[MAX_DEPTH + 1];
    private final boolean[] inMap = new boolean[MAX_DEPTH + 1];
    /** For each depth: whether the next item of a map of indefinite length must be a value. */
    private final boolean[] valueNext = new boolean[MAX_DEPTH + 1];

    private int at;
    private int depth;

    private CborCheck(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.start = offset;
        this.end = offset + length;
        this.at = offset;
    }

    /** Throws {@link SnapshotException} unless the bytes are exactly one item. */
    static void require(byte[] bytes, int offset, int length) {
        new CborCheck(bytes, offset, length).run();
    }

    private void run() {
        itemsLeft[0] = 1;
        while (depth > 0 || itemsLeft[0] > 0) {
            if (itemsLeft[depth] == 0) {
                depth--;
            } else if (itemsLeft[depth] == UNTIL_BREAK && isBreak()) {
                if (valueNext[depth]) {
                    throw damaged("a break", "a value");
                }
                at++;
                depth--;
            } else {
                count();
                item(false);
            }
        }
        if (at != end) {
            throw damaged("bytes after the end", "none");
        }
    }

    private void count() {
        if (itemsLeft[depth] != UNTIL_BREAK) {
            itemsLeft[depth]--;
        } else {
            valueNext[depth] = inMap[depth] && !valueNext[depth];
        }
    }

    private void item(boolean tagged) {
        int head = next();
        int major = head >> 5;
        int info = head & 0x1F;
        switch (major) {
            case 0, 1 -> argument(info);
            case 2, TEXT -> string(major, info);
            case 4 -> open(info == INDEFINITE ? UNTIL_BREAK : items(argument(info), 1), false);
            case 5 -> open(info == INDEFINITE ? UNTIL_BREAK : items(argument(info), 2), true);
            case 6 -> {
                long tag = argument(info);
                if (tagged || tag < 2 || tag > 4) {
                    throw damaged("tag " + Long.toUnsignedString(tag), "2, 3 or 4, and no other after it");
                }
                item(true);
            }
            default -> {
                if (info < 20 || info > 27 || info == 23 || info == 24) {
                    throw damaged("simple value " + info, "false, true, null or a number");
                }
                argument(info);
            }
        }
    }

    private void string(int major, int info) {
        if (info != INDEFINITE) {
            chunk(major, info);
            return;
        }
        while (!isBreak()) {
            int head = next();
            if (head >> 5 != major || (head & 0x1F) == INDEFINITE) {
                throw damaged("a chunk of another type", "a definite string");
            }
            chunk(major, head & 0x1F);
        }
        at++;
    }

    /**
     * Skips the bytes of a string. Checks that a text string is valid UTF-8, because Jackson would accept a lone
     * surrogate, but could not write it again.
     */
    private void chunk(int major, int info) {
        int length = (int) items(argument(info), 1);
        at += length;
        if (major == TEXT && !Utf8.isValid(bytes, at - length, at)) {
            throw damaged("invalid text", "UTF-8");
        }
    }

    private void open(long items, boolean map) {
        if (depth == MAX_DEPTH) {
            throw damaged("nesting of " + (MAX_DEPTH + 1), "<= " + MAX_DEPTH);
        }
        depth++;
        itemsLeft[depth] = items;
        inMap[depth] = map;
        valueNext[depth] = false;
    }

    /**
     * Checks that enough bytes are left for a number of bytes, items or pairs. Each item takes at least one byte.
     * Returns the number of bytes or items.
     *
     * @param each 2 for pairs; otherwise 1
     */
    private long items(long number, int each) {
        if (number < 0 || number > (end - at) / each) {
            throw damaged("a length of " + Long.toUnsignedString(number), "<= " + (end - at) / each);
        }
        return number * each;
    }

    private long argument(int info) {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw damaged("additional information " + info, "<= 27");
        }
        long value = 0;
        for (int i = 1 << (info - 24); i > 0; i--) {
            value = value << 8 | next();
        }
        return value;
    }

    private boolean isBreak() {
        return at < end && (bytes[at] & 0xFF) == BREAK;
    }

    private int next() {
        if (at == end) {
            throw damaged("the end", "more");
        }
        return bytes[at++] & 0xFF;
    }

    private SnapshotException damaged(String found, String expected) {
        return new SnapshotException("CBOR at byte " + (at - start) + ": " + found + " (expected: " + expected + ")");
    }
}
