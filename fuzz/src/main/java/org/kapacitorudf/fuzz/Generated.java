package org.kapacitorudf.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kapacitorudf.proto.UdfProto;

/** Parses bytes with protobuf's own classes. */
final class Generated {
    private static final Descriptors.FileDescriptor WITHOUT_TEXTS = withoutTexts();

    private Generated() {}

    /** The message; null if the generated parser does not accept the bytes. */
    static <M> M parse(Parser<M> parser, byte[] bytes) {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /**
     * The message with its texts as bytes, which may be invalid UTF-8; null if the bytes are not a message.
     *
     * @param message its name: {@code "Point"}
     */
    static DynamicMessage parseWithoutTexts(String message, byte[] bytes) {
        try {
            return DynamicMessage.parseFrom(WITHOUT_TEXTS.findMessageTypeByName(message), bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /**
     * The message, ignoring invalid UTF-8 in a text that a later one replaces; null if the generated parser refuses the
     * bytes for another reason.
     *
     * @param message its name: {@code "BeginBatch"}
     */
    static <M> M parseWhatCounts(Parser<M> parser, String message, byte[] bytes) {
        M parsed = parse(parser, bytes);
        if (parsed != null) {
            return parsed;
        }
        DynamicMessage withoutTexts = parseWithoutTexts(message, bytes);
        return withoutTexts == null ? null : parse(parser, withoutTexts.toByteArray());
    }

    /**
     * Whether the generated parser may be wrong about the bytes: in its fast path, the tenth byte ends a varint even if
     * its highest bit says that there are more. Its own slow path, C++ and Go refuse that.
     */
    static boolean isUnreliable(byte[] bytes) {
        int continued = 0;
        for (byte next : bytes) {
            continued = next < 0 ? continued + 1 : 0;
            if (continued == 10) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a field is followed by another one and then by the first again: generated parsers disagree about the
     * meaning of a {@code oneof} in that order.
     */
    static boolean hasOneThatComesBack(byte[] bytes) {
        Set<Integer> seen = new HashSet<>();
        int before = 0;
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int number = tag >>> 3;
                if (number != before && !seen.add(number)) {
                    return true;
                }
                before = number;
                in.skipField(tag);
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Everything known about a point, in a canonical order. */
    static List<Object> meaning(org.kapacitorudf.proto.Point point) {
        return List.of(
                point.getTime(),
                point.getName(),
                point.getDatabase(),
                point.getRetentionPolicy(),
                point.getGroup(),
                List.copyOf(point.getDimensionsList()),
                point.getTagsMap(),
                fields(point),
                point.getByName());
    }

    /** All fields as in Kapacitor, which fills its single map from the four in this order. */
    static Map<String, Object> fields(org.kapacitorudf.proto.Point point) {
        Map<String, Object> fields = new LinkedHashMap<>(point.getFieldsStringMap());
        fields.putAll(point.getFieldsIntMap());
        fields.putAll(point.getFieldsDoubleMap());
        fields.putAll(point.getFieldsBoolMap());
        return fields;
    }

    /** Whether all texts in a field are valid UTF-8, including those in the entries of a map. */
    static boolean isUtf8(DynamicMessage message, String field) {
        Object value = message.getField(message.getDescriptorForType().findFieldByName(field));
        return value instanceof List<?> all ? all.stream().allMatch(Generated::isUtf8) : isUtf8(value);
    }

    private static boolean isUtf8(Object value) {
        if (value instanceof DynamicMessage entry) {
            return entry.getAllFields().values().stream().allMatch(Generated::isUtf8);
        }
        return !(value instanceof ByteString text) || text.isValidUtf8();
    }

    /**
     * All messages with {@code bytes} instead of {@code string}. Maps, whose keys cannot be bytes, are the repeated
     * messages of their encoding.
     */
    private static Descriptors.FileDescriptor withoutTexts() {
        FileDescriptorProto.Builder file = UdfProto.getDescriptor().toProto().toBuilder();
        for (DescriptorProto.Builder message : file.getMessageTypeBuilderList()) {
            message.getFieldBuilderList().forEach(Generated::withoutText);
            for (DescriptorProto.Builder entry : message.getNestedTypeBuilderList()) {
                entry.clearOptions().getFieldBuilderList().forEach(Generated::withoutText);
            }
        }
        try {
            return Descriptors.FileDescriptor.buildFrom(file.build(), new Descriptors.FileDescriptor[0]);
        } catch (Descriptors.DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void withoutText(FieldDescriptorProto.Builder field) {
        if (field.getType() == FieldDescriptorProto.Type.TYPE_STRING) {
            field.setType(FieldDescriptorProto.Type.TYPE_BYTES);
        }
    }
}
