package org.kapacitorudf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Creates random encoded messages with everything that protobuf allows: fields in any order and repeated, unknown ones,
 * groups, known numbers with wrong wire types, varints longer than necessary, map entries without keys or values or
 * with two of them.
 */
public final class RandomMessages {
    private static final String[] TEXTS = {
        "", "a", "b", "value", "host", "server-01", "é", "日本", "\uD83D\uDE00x", "\uFFFD", "a b,c=d\"\\", "x".repeat(200)
    };
    /** A value that the parser may read as a text or a message. */
    private static final byte[] EMPTY = {};

    private static final int[] MAPS_OF_POINT = {7, 8, 9, 10, 12};
    private static final int[] VALUE_TYPES = {Wire.LENGTH, Wire.FIXED64, Wire.VARINT, Wire.LENGTH, Wire.VARINT};

    private final Random random;

    public RandomMessages(long seed) {
        random = new Random(seed);
    }

    /** The number of rounds for a property: few, unless the system property {@code udf.full} is set. */
    public static int rounds(int few) {
        return Boolean.getBoolean("udf.full") ? few * 50 : few;
    }

    public Random random() {
        return random;
    }

    public String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    /** An {@code agent.Point}. */
    public byte[] point() {
        Message message = new Message();
        for (int i = random.nextInt(16); i > 0; i--) {
            int kind = random.nextInt(20);
            if (kind < 10) {
                int map = random.nextInt(MAPS_OF_POINT.length);
                message.body(MAPS_OF_POINT[map], entry(VALUE_TYPES[map]));
            } else if (kind < 16) {
                int number = 2 + random.nextInt(5);
                message.body(number, utf8());
            } else if (kind < 17) {
                message.varint(1, number());
            } else if (kind < 18) {
                message.varint(11, random.nextInt(3));
            } else {
                anything(message, 1 + random.nextInt(random.nextBoolean() ? 15 : 30_000));
            }
        }
        return message.bytes();
    }

    /** A {@code BeginBatch} or an {@code EndBatch}. */
    public byte[] batch(int tags, int... numbers) {
        Message message = new Message();
        for (int i = random.nextInt(8); i > 0; i--) {
            int kind = random.nextInt(8);
            if (kind < 3) {
                message.body(tags, entry(Wire.LENGTH));
            } else if (kind < 5) {
                message.body(1 + random.nextInt(2), utf8());
            } else if (kind < 7) {
                message.varint(numbers[random.nextInt(numbers.length)], number());
            } else {
                anything(message, 1 + random.nextInt(20));
            }
        }
        return message.bytes();
    }

    /** A message with few known fields. */
    public byte[] strange() {
        Message message = new Message();
        for (int i = random.nextInt(4); i > 0; i--) {
            anything(message, 1 + random.nextInt(6));
        }
        return message.bytes();
    }

    /**
     * A message with fields of which only the last counts, possibly several consecutive ones of one kind.
     *
     * <p>Never A, B, A: protobuf-java 4.36 then merges the two As, although other implementations clear the first one.
     */
    public byte[] oneOf(Map<Integer, byte[]> bodies) {
        List<Integer> numbers = new ArrayList<>(bodies.keySet());
        Collections.shuffle(numbers, random);
        Message message = new Message();
        for (int i = random.nextInt(4); i > 0; i--) {
            message.body(numbers.get(0), bodies.get(numbers.get(0)));
            if (random.nextBoolean()) {
                numbers.remove(0);
            }
            if (random.nextInt(10) == 0) {
                anything(message, 30 + random.nextInt(30));
            }
        }
        return message.bytes();
    }

    private byte[] entry(int valueType) {
        Message entry = new Message();
        int kind = random.nextInt(12);
        if (kind != 0) {
            entry.body(1, utf8());
        }
        if (kind != 1) {
            value(entry, valueType);
        }
        if (kind == 2) {
            entry.body(1, utf8());
        }
        if (kind == 3) {
            value(entry, valueType);
        }
        if (kind == 4) {
            value(entry, VALUE_TYPES[random.nextInt(VALUE_TYPES.length)]);
        }
        if (kind == 5) {
            anything(entry, 1 + random.nextInt(4));
        }
        return entry.bytes();
    }

    private void value(Message entry, int valueType) {
        if (valueType == Wire.LENGTH) {
            entry.body(2, utf8());
        } else if (valueType == Wire.FIXED64) {
            entry.fixed(2, Wire.FIXED64, random.nextInt(10) == 0 ? -1 : Double.doubleToLongBits(random.nextGaussian()));
        } else {
            entry.varint(2, random.nextInt(4) == 0 ? random.nextInt(2) : number());
        }
    }

    private void anything(Message message, int number) {
        switch (random.nextInt(5)) {
            case 0 -> message.varint(number, number());
            case 1 -> message.fixed(number, Wire.FIXED64, random.nextLong());
            case 2 -> message.fixed(number, Wire.FIXED32, random.nextInt());
            case 3 -> message.body(number, number <= 20 ? EMPTY : utf8());
            default -> {
                message.tag(number, Wire.START_GROUP);
                for (int i = random.nextInt(3); i > 0; i--) {
                    anything(message, 1 + random.nextInt(14));
                }
                message.tag(number, Wire.END_GROUP);
            }
        }
    }

    private byte[] utf8() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    private long number() {
        return random.nextLong() >> random.nextInt(64);
    }

    /** The same bytes with a few random changes. */
    public byte[] damaged(byte[] bytes) {
        byte[] damaged = bytes;
        for (int i = random.nextInt(3); i >= 0; i--) {
            damaged = damagedOnce(damaged);
        }
        return damaged;
    }

    private byte[] damagedOnce(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(4));
        byte[] changed = bytes.clone();
        switch (random.nextInt(6)) {
            case 0: // cut off
                return Arrays.copyOf(bytes, at);
            case 1: // some bytes left out
                return concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
            case 2: // some bytes twice
                return concat(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
            case 3: // one byte more
                return concat(
                        concat(Arrays.copyOf(bytes, at), new byte[] {(byte) random.nextInt()}),
                        Arrays.copyOfRange(bytes, at, bytes.length));
            case 4: // one bit changed
                if (at < bytes.length) {
                    changed[at] ^= (byte) (1 << random.nextInt(8));
                }
                return changed;
            default: // one byte changed
                if (at < bytes.length) {
                    changed[at] = (byte) random.nextInt();
                }
                return changed;
        }
    }

    public static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void tag(int number, int wireType) {
            rawVarint(Wire.tag(number, wireType), 5);
        }

        void varint(int number, long value) {
            tag(number, Wire.VARINT);
            rawVarint(value, 10);
        }

        void fixed(int number, int wireType, long value) {
            tag(number, wireType);
            for (int i = 0; i < (wireType == Wire.FIXED64 ? 8 : 4); i++) {
                out.write((int) (value >> 8 * i));
            }
        }

        void body(int number, byte[] body) {
            tag(number, Wire.LENGTH);
            rawVarint(body.length, 10);
            out.writeBytes(body);
        }

        /** Sometimes with redundant zeros at its end. */
        private void rawVarint(long value, int most) {
            byte[] varint = new byte[10];
            int size = Wire.writeVarint(varint, 0, value);
            if (size < most && random.nextInt(25) == 0) {
                int padded = size + random.nextInt(most - size + 1);
                for (int i = size - 1; i < padded - 1; i++) {
                    varint[i] |= (byte) 0x80;
                }
                size = padded;
            }
            out.write(varint, 0, size);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
