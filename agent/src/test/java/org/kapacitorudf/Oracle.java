package org.kapacitorudf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kapacitorudf.proto.UdfProto;

/** Parses bytes with protobuf's own classes. */
public final class Oracle {
    private static final Descriptors.FileDescriptor WITHOUT_TEXTS = withoutTexts();

    private Oracle() {}

    /** The message, if the generated parser accepts the bytes. */
    public static <M extends Message> Optional<M> parse(Parser<M> parser, byte[] bytes) {
        try {
            return Optional.of(parser.parseFrom(bytes));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether the bytes may contain a varint that is too long, which protobuf-java 4.36 does not detect.
     *
     * <p>In its fast path, the tenth byte ends a varint even if its highest bit says that there are more. Its own slow
     * path, C++ and Go refuse that.
     */
    public static boolean isUnreliable(byte[] bytes) {
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
     * Whether the bytes are a message, apart from texts with invalid UTF-8.
     *
     * @param message its name: {@code "Point"}
     */
    public static boolean isStructureOf(String message, byte[] bytes) {
        return parseWithoutTexts(message, bytes) != null;
    }

    /**
     * The message with its texts as bytes, which may be invalid UTF-8; null if the bytes are not a message.
     *
     * @param message its name: {@code "Point"}
     */
    public static DynamicMessage parseWithoutTexts(String message, byte[] bytes) {
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
    public static <M extends Message> M parseWhatCounts(Parser<M> parser, String message, byte[] bytes) {
        return parse(parser, bytes)
                .or(() -> Optional.ofNullable(parseWithoutTexts(message, bytes))
                        .flatMap(withoutTexts -> parse(parser, withoutTexts.toByteArray())))
                .orElse(null);
    }

    /**
     * Whether a field is followed by another one and then by the first again: generated parsers disagree about the
     * meaning of a {@code oneof} in that order.
     */
    public static boolean hasOneThatComesBack(byte[] bytes) {
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
    public static List<Object> meaning(org.kapacitorudf.proto.Point point) {
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

    /** Whether all texts in a field are valid UTF-8, including those in the entries of a map. */
    public static boolean isUtf8(DynamicMessage message, String field) {
        Object value = message.getField(message.getDescriptorForType().findFieldByName(field));
        return value instanceof List<?> all ? all.stream().allMatch(Oracle::isUtf8) : isUtf8(value);
    }

    private static boolean isUtf8(Object value) {
        if (value instanceof DynamicMessage entry) {
            return entry.getAllFields().values().stream().allMatch(Oracle::isUtf8);
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
            message.getFieldBuilderList().forEach(Oracle::withoutText);
            for (DescriptorProto.Builder entry : message.getNestedTypeBuilderList()) {
                entry.clearOptions().getFieldBuilderList().forEach(Oracle::withoutText);
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

    /** All fields as in Kapacitor, which fills its single map from the four in this order. */
    public static Map<String, Object> fields(org.kapacitorudf.proto.Point point) {
        Map<String, Object> fields = new LinkedHashMap<>(point.getFieldsStringMap());
        fields.putAll(point.getFieldsIntMap());
        fields.putAll(point.getFieldsDoubleMap());
        fields.putAll(point.getFieldsBoolMap());
        return fields;
    }
}
