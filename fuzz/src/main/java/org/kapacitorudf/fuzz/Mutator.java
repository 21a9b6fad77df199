package org.kapacitorudf.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes inputs slightly and randomly; deterministic for the same inputs and seed.
 *
 * <p>Threading: one thread.
 */
final class Mutator {
    /** Tags, lengths and characters with a meaning for parsers. */
    private static final byte[] TELLING = {
        0,
        1,
        2,
        4,
        7,
        8,
        0x0A,
        0x0D,
        0x10,
        0x11,
        0x12,
        0x1A,
        0x20,
        0x22,
        0x2C,
        0x3D,
        0x5C,
        0x7F,
        (byte) 0x80,
        (byte) 0x81,
        (byte) 0x82,
        (byte) 0x8A,
        (byte) 0x92,
        (byte) 0x9F,
        (byte) 0xBF,
        (byte) 0xC3,
        (byte) 0xED,
        (byte) 0xF0,
        (byte) 0xFE,
        (byte) 0xFF
    };

    private static final int MOST_CHANGES = 5;
    private static final int LONGEST_BLOCK = 48;

    private final SplittableRandom random;
    private final int maxBytes;

    Mutator(long seed, int maxBytes) {
        this.random = new SplittableRandom(seed);
        this.maxBytes = maxBytes;
    }

    /** A random input, changed. */
    byte[] next(List<byte[]> inputs) {
        byte[] input = inputs.get(random.nextInt(inputs.size()));
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            input = changed(input, inputs);
        }
        return input.length <= maxBytes ? input : Arrays.copyOf(input, maxBytes);
    }

    private byte[] changed(byte[] input, List<byte[]> inputs) {
        if (input.length == 0) {
            return new byte[] {telling()};
        }
        int at = random.nextInt(input.length);
        int length = Math.min(1 + random.nextInt(1 + random.nextInt(LONGEST_BLOCK)), input.length - at);
        switch (random.nextInt(10)) {
            case 0:
                return set(input, at, (byte) (input[at] ^ 1 << random.nextInt(Byte.SIZE)));
            case 1:
                return set(input, at, (byte) random.nextInt());
            case 2:
                return set(input, at, telling());
            case 3: // a slightly wrong length
                return set(input, at, (byte) (input[at] + random.nextInt(-3, 4)));
            case 4:
                return spliced(input, at, length, new byte[0]);
            case 5:
                return spliced(input, at, 0, new byte[] {random.nextBoolean() ? telling() : (byte) random.nextInt()});
            case 6:
                return spliced(input, random.nextInt(input.length + 1), 0, Arrays.copyOfRange(input, at, at + length));
            case 7:
                return spliced(input, at, length, block(inputs));
            case 8:
                return spliced(input, at, 0, block(inputs));
            default:
                return random.nextInt(4) == 0
                        ? Arrays.copyOf(input, at)
                        : spliced(input, at, input.length - at, tail(inputs));
        }
    }

    private byte telling() {
        return TELLING[random.nextInt(TELLING.length)];
    }

    private static byte[] set(byte[] input, int at, byte value) {
        byte[] changed = input.clone();
        changed[at] = value;
        return changed;
    }

    /** Some bytes of a random input. */
    private byte[] block(List<byte[]> inputs) {
        byte[] other = inputs.get(random.nextInt(inputs.size()));
        int from = random.nextInt(other.length + 1);
        return Arrays.copyOfRange(other, from, Math.min(other.length, from + 1 + random.nextInt(LONGEST_BLOCK)));
    }

    private byte[] tail(List<byte[]> inputs) {
        byte[] other = inputs.get(random.nextInt(inputs.size()));
        return Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length);
    }

    private static byte[] spliced(byte[] input, int at, int removed, byte[] inserted) {
        byte[] changed = new byte[input.length - removed + inserted.length];
        System.arraycopy(input, 0, changed, 0, at);
        System.arraycopy(inserted, 0, changed, at, inserted.length);
        System.arraycopy(input, at + removed, changed, at + inserted.length, input.length - at - removed);
        return changed;
    }
}
