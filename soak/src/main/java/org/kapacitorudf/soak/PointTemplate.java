package org.kapacitorudf.soak;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;

/**
 * Points that are encoded once, and sent repeatedly with different numbers: the number is a double, eight bytes at a
 * known position.
 *
 * <pre>
 *   length | 8A 01 length | .. 42 0C 0A 01 'q' 11 [8 bytes: the number] ..
 * </pre>
 *
 * <p>The point with number n is the one at index n % {@link #POINTS}, of group n % {@link #GROUPS}. An unchanged point
 * has the same bytes, so checking is a comparison.
 *
 * <p>Threading: immutable.
 */
final class PointTemplate {
    static final int POINTS = 256;
    static final int GROUPS = 16;
    static final String FAILING = "fail";
    static final String NUMBER = "q";
    static final String COUNT = "c";
    static final String SUM = "s";

    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final double PLACE = Double.longBitsToDouble(0x7FEA_5B3C_1D2E_4F60L);
    private static final long FIRST_TIME_NANOS = 1_700_000_000_000_000_000L;
    private static final int LONG_TEXT = 2_000;
    private static final int SHORT_TEXT = 40;
    private static final int POINTS_PER_TEXT = 8;

    private final byte[] bytes;
    private final int[] starts = new int[POINTS + 1];
    private final int[] numbers = new int[POINTS];

    private PointTemplate(boolean inBatch) {
        byte[][] frames = new byte[POINTS][];
        for (int i = 0; i < POINTS; i++) {
            frames[i] = Frames.encode(Frames.request(point(i, PLACE, inBatch).build()));
            starts[i + 1] = starts[i] + frames[i].length;
            numbers[i] = starts[i] + indexOf(frames[i], Double.doubleToRawLongBits(PLACE));
        }
        bytes = new byte[starts[POINTS]];
        for (int i = 0; i < POINTS; i++) {
            System.arraycopy(frames[i], 0, bytes, starts[i], frames[i].length);
        }
    }

    /** Stream points. */
    static PointTemplate stream() {
        return new PointTemplate(false);
    }

    /** Batch points. */
    static PointTemplate batch() {
        return new PointTemplate(true);
    }

    private static Point.Builder point(int place, double number, boolean inBatch) {
        String group = group(place);
        Point.Builder point = Point.newBuilder()
                .setTime(FIRST_TIME_NANOS + place)
                .setGroup("g=" + group)
                .putTags("g", group)
                .putFieldsDouble(NUMBER, number);
        if (!inBatch) {
            point.setName("m").setDatabase("d").setRetentionPolicy("r").addDimensions("g");
        }
        if (place % POINTS_PER_TEXT == 0) {
            Random random = new Random(place);
            int length = place == 0 ? LONG_TEXT : random.nextInt(SHORT_TEXT);
            point.putFieldsString("t", "é".repeat(length))
                    .putFieldsInt("i", random.nextLong())
                    .putFieldsBool("b", random.nextBoolean());
        }
        return point;
    }

    static String group(long number) {
        long group = number % GROUPS;
        return (group < 10 ? "g0" : "g") + group;
    }

    private static int indexOf(byte[] frame, long bits) {
        for (int i = 0; i <= frame.length - Long.BYTES; i++) {
            if ((long) LONG.get(frame, i) == bits) {
                return i;
            }
        }
        throw new IllegalStateException("point: no number in it");
    }

    /** The frame of a point on which a {@link Counting} function throws an exception. */
    static byte[] failing(long number) {
        Point point = point(place(number), number, false).setName(FAILING).build();
        return Frames.encode(Request.newBuilder().setPoint(point).build());
    }

    private static int place(long number) {
        return (int) (number % POINTS);
    }

    /** The number of points from this number to the end of the template, which can be written at once. */
    static int run(long number) {
        return POINTS - place(number);
    }

    /** Writes points with numbers from {@code first}, at most a {@link #run}. Returns the end position. */
    int write(long first, int count, byte[] to, int offset) {
        int place = place(first);
        int start = starts[place];
        int length = starts[place + count] - start;
        System.arraycopy(bytes, start, to, offset, length);
        for (int i = 0; i < count; i++) {
            long bits = Double.doubleToRawLongBits((double) (first + i));
            LONG.set(to, offset + numbers[place + i] - start, bits);
        }
        return offset + length;
    }

    /** The size of these points in bytes. */
    int length(long first, int count) {
        int place = place(first);
        return starts[place + count] - starts[place];
    }

    /** Whether a frame is exactly the point with this number. */
    boolean is(long number, byte[] frame, int from, int to) {
        int place = place(number);
        int start = starts[place];
        if (to - from != starts[place + 1] - start) {
            return false;
        }
        int field = numbers[place] - start;
        return (long) LONG.get(frame, from + field) == Double.doubleToRawLongBits((double) number)
                && Arrays.equals(frame, from, from + field, bytes, start, start + field)
                && Arrays.equals(
                        frame, from + field + Long.BYTES, to, bytes, start + field + Long.BYTES, starts[place + 1]);
    }

    /** The encoding of a double field with a one-letter name, up to its value. */
    static byte[] entry(String name) {
        return new byte[] {0x42, 0x0C, 0x0A, 0x01, (byte) name.charAt(0), 0x11};
    }

    /** The value of the field with this {@link #entry} in the frame of a point; NaN if the point has no such field. */
    static double number(byte[] frame, int from, int to, byte[] entry) {
        for (int i = from; i <= to - entry.length - Long.BYTES; i++) {
            if (frame[i] == entry[0] && Arrays.equals(frame, i, i + entry.length, entry, 0, entry.length)) {
                return Double.longBitsToDouble((long) LONG.get(frame, i + entry.length));
            }
        }
        return Double.NaN;
    }
}
