package org.kapacitorudf.internal.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.internal.wire.Structure;
import org.kapacitorudf.internal.wire.Utf8;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.proto.InitRequest;

/**
 * Decodes the protobuf message {@code agent.Request}.
 *
 * <pre>
 *   8A 01 | E1 01 | 225 bytes         number 17, LENGTH: a point
 *   0A    | 00                        number 1, LENGTH: Info
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Requests {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    private static final int INFO = 1;
    private static final int INIT = 2;
    private static final int KEEPALIVE = 3;
    private static final int SNAPSHOT = 4;
    private static final int RESTORE = 5;
    private static final int BEGIN = 16;
    private static final int POINT = 17;
    private static final int END = 18;

    private static final int SHOWN_NUMBERS = 8;

    private Requests() {}

    /**
     * Decodes one request. The caller must not change the array afterwards, because a point keeps it.
     *
     * <p>As in protobuf, if a request contains several messages, the last one is used, and consecutive messages of one
     * kind are merged.
     *
     * @return a {@link Point}, a {@link BatchBegin}, a {@link BatchEnd} or a {@link ControlRequest}
     * @throws MalformedMessageException if a protobuf parser would not accept the bytes, or if a string that is decoded
     *     here is not valid UTF-8
     */
    public static Object decode(byte[] frame) {
        int point = startOfOnlyPoint(frame);
        return point > 0 ? message(POINT, frame, point, frame.length) : decodeAny(frame);
    }

    /**
     * The start of the point's body if the frame is exactly {@code 8A 01 | length | body} and the length takes at most
     * two bytes; 0 for any other frame.
     */
    private static int startOfOnlyPoint(byte[] frame) {
        if (frame.length < 4 || frame[0] != (byte) 0x8A || frame[1] != 0x01) {
            return 0;
        }
        int low = frame[2];
        if (low >= 0) {
            return low == frame.length - 3 ? 3 : 0;
        }
        int high = frame[3];
        return high >= 0 && (high << 7 | low & 0x7F) == frame.length - 4 ? 4 : 0;
    }

    private static Object decodeAny(byte[] frame) {
        try {
            Structure.check(frame, 0, frame.length, 0);
        } catch (MalformedMessageException e) {
            throw e.in("request");
        }
        Object message = null;
        int number = 0;
        List<Integer> sameKind = new ArrayList<>();
        Set<Integer> unknown = new LinkedHashSet<>();
        for (int field = 0; field < frame.length; field = Wire.fieldEnd(frame, field)) {
            int tag = Wire.tagAt(frame, field);
            if (!isMessage(tag)) {
                unknown.add(Wire.number(tag));
                continue;
            }
            if (Wire.number(tag) != number) {
                number = Wire.number(tag);
                sameKind.clear();
            }
            sameKind.add(field);
            // Each message is decoded, even if a later one replaces it, because a parser would reject the request if
            // any of them is malformed.
            message = message(number, frame, Wire.bodyStart(frame, field), Wire.fieldEnd(frame, field));
        }
        if (message == null) {
            return new ControlRequest.Unknown(description(unknown));
        }
        if (sameKind.size() > 1) {
            byte[] merged = merged(frame, sameKind);
            return message(number, merged, 0, merged.length);
        }
        return message;
    }

    private static boolean isMessage(int tag) {
        int number = Wire.number(tag);
        return Wire.wireType(tag) == Wire.LENGTH
                && (number >= INFO && number <= RESTORE || number >= BEGIN && number <= END);
    }

    /** Merges messages by concatenating their encodings, as protobuf specifies. */
    private static byte[] merged(byte[] frame, List<Integer> fields) {
        byte[] merged = new byte[frame.length];
        int size = 0;
        for (int field : fields) {
            int start = Wire.bodyStart(frame, field);
            int length = Wire.fieldEnd(frame, field) - start;
            System.arraycopy(frame, start, merged, size, length);
            size += length;
        }
        return Arrays.copyOf(merged, size);
    }

    private static String description(Set<Integer> numbers) {
        if (numbers.isEmpty()) {
            return "no message";
        }
        List<Integer> shown = numbers.stream().limit(SHOWN_NUMBERS).toList();
        return "fields " + shown + (shown.size() < numbers.size() ? " and more" : "");
    }

    private static Object message(int number, byte[] bytes, int from, int to) {
        try {
            switch (number) {
                case POINT:
                    return POINTS.decode(bytes, from, to - from);
                case BEGIN:
                    return batchBegin(bytes, from, to);
                case END:
                    return batchEnd(bytes, from, to);
                case INFO:
                    Structure.check(bytes, from, to, 0);
                    return new ControlRequest.Info();
                case INIT:
                    return init(bytes, from, to);
                case KEEPALIVE:
                    Structure.check(bytes, from, to, 0);
                    return new ControlRequest.Keepalive(number(bytes, from, to, 1));
                case SNAPSHOT:
                    Structure.check(bytes, from, to, 0);
                    return new ControlRequest.Snapshot();
                default:
                    Structure.check(bytes, from, to, 0);
                    return restore(bytes, from, to);
            }
        } catch (MalformedMessageException e) {
            throw e.in("request: " + name(number));
        }
    }

    private static String name(int number) {
        switch (number) {
            case POINT:
                return "point";
            case BEGIN:
                return "begin";
            case END:
                return "end";
            case INFO:
                return "info";
            case INIT:
                return "init";
            case KEEPALIVE:
                return "keepalive";
            case SNAPSHOT:
                return "snapshot";
            default:
                return "restore";
        }
    }

    private static BatchBegin batchBegin(byte[] bytes, int from, int to) {
        Structure.check(bytes, from, to, 1 << 3);
        return new BatchBegin(
                text(bytes, from, to, 1, "name"),
                text(bytes, from, to, 2, "group"),
                tags(bytes, from, to, 3),
                number(bytes, from, to, 4),
                number(bytes, from, to, 5) != 0);
    }

    private static BatchEnd batchEnd(byte[] bytes, int from, int to) {
        Structure.check(bytes, from, to, 1 << 4);
        return new BatchEnd(
                text(bytes, from, to, 1, "name"),
                text(bytes, from, to, 2, "group"),
                number(bytes, from, to, 3),
                tags(bytes, from, to, 4));
    }

    private static ControlRequest.Init init(byte[] bytes, int from, int to) {
        Structure.check(bytes, from, to, 1 << 1);
        try {
            return new ControlRequest.Init(InitRequest.parseFrom(ByteString.copyFrom(bytes, from, to - from)));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedMessageException("message", from, e.getMessage() + " (expected: an InitRequest)");
        }
    }

    private static ControlRequest.Restore restore(byte[] bytes, int from, int to) {
        int field = Wire.last(bytes, from, to, Wire.tag(1, Wire.LENGTH));
        return new ControlRequest.Restore(
                field < 0
                        ? new byte[0]
                        : Arrays.copyOfRange(bytes, Wire.bodyStart(bytes, field), Wire.fieldEnd(bytes, field)));
    }

    private static long number(byte[] bytes, int from, int to, int number) {
        int field = Wire.last(bytes, from, to, Wire.tag(number, Wire.VARINT));
        return field < 0 ? 0 : Wire.varintAt(bytes, Wire.valueStart(bytes, field));
    }

    private static Map<String, String> tags(byte[] bytes, int from, int to, int number) {
        Map<String, String> tags = new HashMap<>();
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            if (Wire.tagAt(bytes, field) == Wire.tag(number, Wire.LENGTH)) {
                int entry = Wire.bodyStart(bytes, field);
                int end = Wire.fieldEnd(bytes, field);
                tags.put(text(bytes, entry, end, 1, "tag name"), text(bytes, entry, end, 2, "tag value"));
            }
        }
        return tags;
    }

    private static String text(byte[] bytes, int from, int to, int number, String what) {
        int field = Wire.last(bytes, from, to, Wire.tag(number, Wire.LENGTH));
        if (field < 0) {
            return "";
        }
        int start = Wire.bodyStart(bytes, field);
        int end = Wire.fieldEnd(bytes, field);
        try {
            return Utf8.decode(bytes, start, end);
        } catch (CharacterCodingException e) {
            throw new MalformedMessageException(
                    what, start, Utf8.quoted(bytes, start, end) + " (expected: valid UTF-8)");
        }
    }
}
